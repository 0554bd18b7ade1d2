import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import { Clock } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import type { Cell, Column, Row } from '../domain/cell.js';
import type { ExportJob } from '../domain/export-job.js';
import { LIMITS } from '../exports.options.js';
import type { ExportSource, ReadContext } from '../sources/export-source.js';
import type { PdfInput, PdfTable } from './pdf-input.js';
import { PdfRenderer } from './pdf-renderer.js';

const WIDE = new Set(['name', 'suite', 'errorMessage', 'errorStack', 'file', 'href']);
const API = '/api/v1/execution-reporting';

/** Makes a document of an export: what it is about, its figures and charts, and its first rows. */
@Injectable()
export class DocumentContent {
  constructor(
    private readonly renderer: PdfRenderer,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  async *of(
    job: ExportJob,
    source: ExportSource,
    context: ReadContext,
    columns: readonly Column[],
    batches: AsyncIterable<readonly Row[]>,
  ): AsyncGenerator<Uint8Array> {
    if (!source.summary) throw new Error(`${source.kind} has no document`);
    const summary = await source.summary(context);
    const table = summary.withRows ? await this.tableOf(job, source, columns, batches) : undefined;
    const input: PdfInput = {
      name: job.name,
      summary,
      organization: job.organization,
      period: periodText(job),
      filters: filtersOf(job),
      generatedAt: timeText(this.clock.now(), job),
      ...(table ? { table } : {}),
      ...(summary.href === undefined ? {} : { link: `${this.config.publicUrl}${summary.href}` }),
    };
    yield await this.renderer.render(input, context.signal);
  }

  private async tableOf(
    job: ExportJob,
    source: ExportSource,
    columns: readonly Column[],
    batches: AsyncIterable<readonly Row[]>,
  ): Promise<PdfTable> {
    const rows: string[][] = [];
    for await (const batch of batches) {
      for (const row of batch) rows.push(row.map((cell, i) => cellText(cell, columns[i]!, job)));
    }
    const total = job.total ?? rows.length;
    return {
      title: source.title,
      columns: columns.map(({ key, title, type }) => ({ title, isNumber: type === 'number', wide: WIDE.has(key) })),
      rows,
      ...(rows.length >= LIMITS.documentRows || rows.length < total
        ? {
            note: `A document shows ${LIMITS.documentRows.toLocaleString('en-GB')} rows at most. All of them: export the same as CSV or XLSX, ${this.config.publicUrl}${API}/exports.`,
          }
        : {}),
    };
  }
}

const zoned = (at: Date, { timeZone, locale }: Pick<ExportJob, 'timeZone' | 'locale'>): DateTime =>
  DateTime.fromJSDate(at, { zone: timeZone }).setLocale(locale ?? 'en-GB');

const timeText = (at: Date, job: Pick<ExportJob, 'timeZone' | 'locale'>): string =>
  `${zoned(at, job).toFormat('dd LLL yyyy HH:mm')} ${job.timeZone}`;

const periodText = ({ range, locale }: ExportJob): string => {
  const { timeZone } = range;
  const at = { timeZone, ...(locale === undefined ? {} : { locale }) };
  const [from, to] = [zoned(range.from, at), zoned(range.to, at)];
  const isDays = [from, to].every((time) => time.toMillis() === time.startOf('day').toMillis());
  if (!isDays) return `${from.toFormat('dd LLL yyyy HH:mm')} to ${to.toFormat('dd LLL yyyy HH:mm')} (${timeZone})`;
  const last = to.minus({ days: 1 });
  const days = Math.round(to.diff(from, 'days').days);
  return `${from.toFormat('dd LLL yyyy')} to ${last.toFormat('dd LLL yyyy')} (${days} ${days === 1 ? 'day' : 'days'}, ${timeZone})`;
};

const filtersOf = ({ filter }: ExportJob): PdfInput['filters'] =>
  Object.entries(filter).flatMap(([name, values]) =>
    Array.isArray(values) && values.every((value) => typeof value === 'string')
      ? [{ name: name.charAt(0).toUpperCase() + name.slice(1), values: values.join(', ') }]
      : [],
  );

const cellText = (cell: Cell, { key }: Column, job: ExportJob): string => {
  if (cell === null) return '';
  if (cell instanceof Date) return zoned(cell, job).toFormat('yyyy-LL-dd HH:mm:ss');
  if (typeof cell === 'number') {
    if (/rate|flakiness|stability/i.test(key) && cell >= 0 && cell <= 1) return `${(cell * 100).toFixed(1)} %`;
    return numberText(cell);
  }
  return Array.isArray(cell) ? cell.join(', ') : String(cell);
};

/** A decimal is enough for what is large; of what is small it would leave nothing, and 0.75 is not 0.8. */
const numberText = (value: number): string => {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) < 100 ? String(Number(value.toPrecision(3))) : value.toFixed(1);
};
