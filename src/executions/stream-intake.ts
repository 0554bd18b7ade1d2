import { Injectable } from '@nestjs/common';
import { Clock, type Scope, Slices } from '../common/index.js';
import { BatchWriter } from './batch-writer.js';
import type { BatchOutcome, Rejection } from './domain/batch-outcome.js';
import { AttemptNumbers } from './domain/prepare-results.js';
import type { RunRecord } from './domain/run-record.js';
import { ndjsonRows, type NdjsonRow } from './formats/ndjson-lines.js';
import { type RowVerdict, validateRow } from './formats/row-validator.js';
import { type BatchRow, ResultPreparer } from './result-preparer.js';
import { MOST_REJECTIONS } from './row-check.js';
import { RunIntake } from './run-intake.js';

export interface StreamOutcome {
  readonly accepted: number;
  readonly duplicates: number;
  /** The first thousand. */
  readonly rejected: readonly Rejection[];
  readonly rejectedCount: number;
}

const CHUNK_ROWS = 2_000;
/** So many results wait for a summary at most, or half of what the run has when that is more. */
const UNSETTLED_ROWS = 20_000;

/**
 * Takes results as they stream in, line by line, in chunks: what was stored when the connection breaks stays stored, and
 * sending it all again is safe. Between chunks the run is free for others.
 */
@Injectable()
export class StreamIntake {
  constructor(
    private readonly intake: RunIntake,
    private readonly preparer: ResultPreparer,
    private readonly writer: BatchWriter,
    private readonly clock: Clock,
  ) {}

  async take(scope: Scope, runId: string, bytes: AsyncIterable<Uint8Array>): Promise<StreamOutcome> {
    const run = await this.intake.requireLive(scope, runId);
    const stream = new RowStream(run, this.preparer, this.writer);
    const now = this.clock.now().getTime();
    const slices = new Slices();
    try {
      for await (const rows of ndjsonRows(bytes)) {
        for (const row of rows) await stream.add(row.index, judge(row, now));
        await slices.pause();
      }
      return await stream.end();
    } catch (error) {
      await stream.abandon();
      throw error;
    }
  }
}

const judge = (row: NdjsonRow, now: number): RowVerdict =>
  row.problem ? { ok: false, problems: [row.problem] } : validateRow(row.value, row.index, now);

/** The rows of one stream on their way into one run. */
class RowStream {
  private readonly numbers = new AttemptNumbers();
  private chunk: BatchRow[] = [];
  private accepted = 0;
  private duplicates = 0;
  private rejectedCount = 0;
  private readonly rejected: Rejection[] = [];
  /** Stored by this stream and in no summary yet. */
  private unsettled = 0;
  private settled: number;

  constructor(
    private readonly run: RunRecord,
    private readonly preparer: ResultPreparer,
    private readonly writer: BatchWriter,
  ) {
    this.settled = run.totals.attempts;
  }

  /** Waits for the database only when a chunk is full. */
  add(index: number, verdict: RowVerdict): Promise<void> | undefined {
    if (verdict.ok) this.chunk.push({ index, result: verdict.value });
    else this.reject(verdict.problems.map((problem) => ({ ...problem, pointer: `/${index}${problem.pointer}` })));
    return this.chunk.length < CHUNK_ROWS ? undefined : this.flushFull();
  }

  private async flushFull(): Promise<void> {
    const due = this.unsettled + this.chunk.length >= Math.max(UNSETTLED_ROWS, this.settled / 2);
    await this.flush(!due);
  }

  async end(): Promise<StreamOutcome> {
    if (this.chunk.length > 0) await this.flush(false);
    else await this.settle();
    const { accepted, duplicates, rejected, rejectedCount } = this;
    return { accepted, duplicates, rejected, rejectedCount };
  }

  /** After an error: what is stored is summarised as far as that is possible; else the sweep does it. */
  async abandon(): Promise<void> {
    await this.settle().catch(() => undefined);
  }

  private async settle(): Promise<void> {
    if (this.unsettled > 0) await this.writer.settle(this.run.runId);
    this.unsettled = 0;
  }

  private async flush(more: boolean): Promise<void> {
    const rows = this.chunk;
    this.chunk = [];
    const prepared = await this.preparer.prepare(this.run, rows, this.numbers);
    const outcome = await this.writer.write(this.run.runId, prepared, { more, unsettled: this.unsettled });
    this.count(outcome, more);
  }

  private count({ run, accepted, duplicates, rejected }: BatchOutcome, more: boolean): void {
    this.accepted += accepted;
    this.duplicates += duplicates;
    this.reject(rejected.map((problem) => ({ ...problem, pointer: `/${problem.index}` })));
    this.unsettled = more ? this.unsettled + accepted : 0;
    if (!more) this.settled = run.totals.attempts;
  }

  private reject(problems: readonly Rejection[]): void {
    this.rejectedCount += problems.length;
    this.rejected.push(...problems.slice(0, Math.max(0, MOST_REJECTIONS - this.rejected.length)));
  }
}
