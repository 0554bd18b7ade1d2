import { CsvError, type Info, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '../../../common/index.js';
import { LIMITS } from '../../domain/limits.js';
import type { ResultInput, RunInput } from '../../domain/model.js';
import { fileTooLarge, invalidFile } from '../file-errors.js';
import type { FormatReader, ParsedFile, ReadOptions } from '../format-reader.js';
import { numberAttempts } from '../number-attempts.js';
import { toDurationMs } from '../report-values.js';
import type { SourceFile } from '../source-file.js';
import { TidyText, Warnings } from '../tidy-text.js';
import { HistoryColumns, type HistoryRow } from './csv-rows.js';

const RECORD_CHARACTERS = 64 * 1024;
const DELIMITERS = [';', ',', '\t'];

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: Info;
}

const firstLine = (head: string): string => head.split(/\r?\n/, 1)[0] ?? '';

/** The one that divides the header into the most columns. */
const delimiterOf = (head: string): string =>
  DELIMITERS.map((delimiter) => [delimiter, firstLine(head).split(delimiter).length] as const).reduce((best, next) =>
    next[1] > best[1] ? next : best,
  )[0];

const readRows = async (file: SourceFile): Promise<HistoryRow[]> => {
  const rows: HistoryRow[] = [];
  const parser = parse({
    delimiter: delimiterOf(file.head),
    info: true,
    skip_empty_lines: true,
    max_record_size: RECORD_CHARACTERS,
  });
  let columns: HistoryColumns | undefined;
  await pipeline(Readable.from(file.slices()), parser, async (records: AsyncIterable<CsvRecord>) => {
    for await (const { record, info } of records) {
      if (columns === undefined) columns = new HistoryColumns(file.name, record);
      else rows.push(columns.read(record, info.lines));
      if (rows.length > LIMITS.resultsPerFile)
        throw fileTooLarge(file.name, `it has more than ${LIMITS.resultsPerFile} rows`);
    }
  });
  return rows;
};

/** What csv-parse finds wrong has the number of the line in its message. */
const asFileError = (fileName: string, error: unknown): unknown => {
  if (error instanceof DomainError || !(error instanceof CsvError)) return error;
  const line = Number(/\bline (\d+)/.exec(error.message)?.[1]);
  return invalidFile(fileName, error.message.slice(0, 200), Number.isNaN(line) ? {} : { line });
};

const unitOf = (rows: readonly HistoryRow[], { durationUnit = 'auto' }: ReadOptions): number => {
  if (durationUnit !== 'auto') return durationUnit === 's' ? 1_000 : 1;
  return rows.some(({ duration = 0 }) => !Number.isInteger(duration)) ? 1_000 : 1;
};

const resultOf = (row: HistoryRow, unitMs: number, tidy: TidyText): ResultInput => {
  const durationMs = toDurationMs(row.duration, unitMs);
  return {
    name: tidy.identity(row.name, LIMITS.name, 'name') ?? '(unnamed)',
    status: row.isFailed ? 'failed' : 'passed',
    ...(row.startedAt !== undefined && { startedAt: row.startedAt }),
    ...(durationMs !== undefined && { durationMs }),
  };
};

const runOf = (stem: string, cycle: string, rows: readonly HistoryRow[]): Partial<RunInput> => {
  const starts = rows.flatMap(({ startedAt }) => startedAt ?? []);
  const builds = new Set(rows.map(({ buildId }) => buildId));
  const [build] = builds;
  const startedAt = starts.length === 0 ? undefined : starts.reduce((a, b) => (b < a ? b : a));
  return {
    externalId: cycle === '' ? stem : `${stem}-cycle-${cycle}`,
    name: cycle === '' ? stem : `${stem} cycle ${cycle}`,
    ...(builds.size === 1 && build !== undefined && { build: { id: `${stem}-build-${build}` } }),
    ...(startedAt !== undefined && { startedAt }),
  };
};

const read = async (file: SourceFile, options: ReadOptions): Promise<ParsedFile[]> => {
  const rows = await readRows(file).catch((error: unknown) => {
    throw asFileError(file.name, error);
  });
  const unitMs = unitOf(rows, options);
  const stem = (file.stem || 'history').slice(0, LIMITS.label - 80);
  const cycles = Map.groupBy(rows, ({ cycle }) => cycle.slice(0, 60));
  if (cycles.size === 0) cycles.set('', []);
  return [...cycles].map(([cycle, members]) => {
    const warnings = new Warnings();
    const tidy = new TidyText(warnings);
    const results = numberAttempts(members.map((row) => resultOf(row, unitMs, tidy)));
    return { format: 'csv', run: runOf(stem, cycle, members), results, warnings: warnings.list() };
  });
};

/**
 * Histories as the test prioritisation data sets have them: `Id;Name;Duration;LastRun;Verdict;Cycle` by header, Verdict 1 =
 * failed, LastRun in UTC. One run per Cycle; a test that stands in a Cycle several times has that many attempts.
 */
export const csvReader: FormatReader = {
  id: 'csv',
  detect: (head) => {
    const names = firstLine(head)
      .toLowerCase()
      .split(/[;,\t]/)
      .map((name) => name.trim().replace(/^"|"$/g, ''));
    return names.includes('name') && names.includes('verdict');
  },
  read,
};
