import { Injectable } from '@nestjs/common';
import { notFound, type Scope, systemScope } from '../common/index.js';
import { assertLive, BatchWriter } from './batch-writer.js';
import type { BatchOutcome } from './domain/batch-outcome.js';
import type { NewRun } from './domain/new-run.js';
import { AttemptNumbers, type PreparedResult } from './domain/prepare-results.js';
import type { RunRecord } from './domain/run-record.js';
import { RunLeases } from './persistence/run-leases.js';
import { RunsRepository } from './persistence/runs.repository.js';
import { type BatchRow, ResultPreparer } from './result-preparer.js';

export interface IntakeOutcome extends BatchOutcome {
  /** The run is new. */
  readonly created: boolean;
}

/** Rows of one request, or of one file of it: attempts are numbered within each group. */
export type RowGroups = readonly (readonly BatchRow[])[];

/** Stores a run that comes whole, or begins, or joins one that is there. */
@Injectable()
export class RunIntake {
  constructor(
    private readonly leases: RunLeases,
    private readonly runs: RunsRepository,
    private readonly preparer: ResultPreparer,
    private readonly writer: BatchWriter,
  ) {}

  /**
   * Creates the run, or joins the one of the same key, and writes the rows to it.
   * @throws DomainError 409 `run_expired`, 503 `run_busy`
   */
  async take(newRun: NewRun, groups: RowGroups): Promise<IntakeOutcome> {
    for (;;) {
      const lease = await this.leases.create(newRun);
      if (lease) {
        const outcome = await this.writer.writeFirst(lease, () => this.prepare(lease.run, groups));
        return { ...outcome, created: true };
      }
      const scope = systemScope(newRun.run.organization);
      const run = await this.runs.findByKey(scope, newRun.run.projectId, newRun.key);
      // undefined: it was deleted in this moment, so its key is free again
      if (run) return { ...(await this.join(run, newRun, groups)), created: false };
    }
  }

  /** Metadata of the first request stay, but a live run may be ended by a request that says when it ended. */
  private async join(run: RunRecord, { run: described, shardsSeen }: NewRun, groups: RowGroups): Promise<BatchOutcome> {
    assertLive({ run });
    const [shard] = shardsSeen;
    if (shard !== undefined && !run.shardsSeen.includes(shard)) await this.runs.addShard(run.runId, shard);
    const { finishedAt } = described;
    return this.writer.write(run.runId, await this.prepare(run, groups), {
      patchOf: ({ status }) =>
        finishedAt && status === 'running' ? { status: 'finished' as const, finishedAt } : undefined,
    });
  }

  private async prepare(run: RunRecord, groups: RowGroups): Promise<PreparedResult[]> {
    const prepared: PreparedResult[] = [];
    for (const rows of groups)
      for (const result of await this.preparer.prepare(run, rows, new AttemptNumbers())) prepared.push(result);
    return prepared;
  }

  /** @throws DomainError 404, 409 `run_deleted`, `run_expired` */
  async requireLive(scope: Scope, runId: string): Promise<RunRecord> {
    const run = await this.runs.find(scope, runId);
    if (!run) throw notFound('Run');
    assertLive({ run });
    return run;
  }
}
