import { Injectable } from '@nestjs/common';
import { Clock } from '../common/index.js';
import type { Column, Row } from './domain/cell.js';
import { chooseColumns } from './domain/columns.js';
import type { ExportJob } from './domain/export-job.js';
import { FORMATS } from './domain/formats.js';
import { DocumentContent } from './pdf/document-content.js';
import type { ExportSource, ReadContext, RunFilePart } from './sources/export-source.js';
import { ROW_WRITERS } from './writers/row-writers.js';

export interface Content {
  readonly bytes: AsyncIterable<Uint8Array | string>;
  /** How many rows it holds, once all bytes were taken. */
  readonly rowsWritten: () => number;
}

/** The bytes of an export, whatever its format is. */
@Injectable()
export class ExportContent {
  constructor(
    private readonly documents: DocumentContent,
    private readonly clock: Clock,
  ) {}

  /** @param counter is told of every row that was taken */
  of(job: ExportJob, source: ExportSource, context: ReadContext, counter: { rows: number }): Content {
    const rowsWritten = (): number => counter.rows;
    if (FORMATS[job.format].shape === 'run' && source.runFile) {
      return { bytes: counted(source.runFile(context, job.format), counter), rowsWritten };
    }
    const columns = job.columns.length > 0 ? chooseColumns(source.columns, job.columns, []) : [];
    const batches = upTo(source.rows(context, job.columns), job.maxRecords, counter);
    if (job.format === 'pdf') return { bytes: this.documents.of(job, source, context, columns, batches), rowsWritten };
    const writer = ROW_WRITERS[job.format];
    if (!writer) throw new Error(`nobody writes ${job.format}`);
    return { bytes: writer(batches, this.tableOptions(job, context, columns)), rowsWritten };
  }

  private tableOptions(job: ExportJob, { asOf }: ReadContext, columns: readonly Column[]) {
    const { timeZone, locale, name, source, filter, range } = job;
    return {
      ...{ columns, timeZone, name },
      ...(locale === undefined ? {} : { locale }),
      facts: {
        ...{ source, name, generatedAt: this.clock.now().toISOString() },
        ...(asOf ? { asOf: asOf.position } : {}),
        filter,
        timeRange: { from: range.from.toISOString(), to: range.to.toISOString(), timeZone: range.timeZone },
      },
    };
  }
}

/** The first rows, at most so many. */
async function* upTo(
  batches: AsyncIterable<readonly Row[]>,
  most: number,
  counter: { rows: number },
): AsyncGenerator<readonly Row[]> {
  for await (const rows of batches) {
    const taken = rows.slice(0, most - counter.rows);
    counter.rows += taken.length;
    if (taken.length > 0) yield taken;
    if (counter.rows >= most) return;
  }
}

async function* counted(parts: AsyncIterable<RunFilePart>, counter: { rows: number }): AsyncGenerator<string> {
  for await (const { text, tests } of parts) {
    counter.rows += tests;
    yield text;
  }
}
