import { Injectable } from '@nestjs/common';
import { DomainError, failpoint, invalid, Traced } from '../common/index.js';
import { AttemptsCache } from './attempts-cache.js';
import type { BatchOutcome } from './domain/batch-outcome.js';
import { splitKnown, type Split } from './domain/duplicates.js';
import type { AttemptRecord } from './domain/model.js';
import type { RunPatch } from './domain/new-run.js';
import type { RunRecord } from './domain/run-record.js';
import { stampGeneration, type PreparedResult } from './domain/prepare-results.js';
import { ResultsRepository } from './persistence/results.repository.js';
import { RunLeases, type Lease } from './persistence/run-leases.js';
import { RunLock } from './run-lock.js';
import { Summariser } from './summariser.js';

export const MAX_RESULTS_PER_RUN = 1_000_000;

export interface WriteOptions {
  /** Metadata that goes with it, worked out under the lease; undefined when nothing changes. */
  readonly patchOf?: (run: RunRecord) => RunPatch | undefined;
  /** More chunks of the same stream follow: the summary waits for `settle`. */
  readonly more?: boolean;
  /** Results of this stream that are stored and in no summary yet. */
  readonly unsettled?: number;
}

/**
 * The protocol of a batch (ARCHITECTURE.md): lease, new generation, insert, summary, commit, end of the lease. It can
 * be cut off anywhere: a run whose `generation` is ahead of its `summarised` is owed a summary, which the sweep or the
 * next writer makes from what is stored.
 */
@Injectable()
export class BatchWriter {
  constructor(
    private readonly lock: RunLock,
    private readonly leases: RunLeases,
    private readonly results: ResultsRepository,
    private readonly summariser: Summariser,
    private readonly cache: AttemptsCache,
  ) {}

  /** Writes to a run that exists. */
  @Traced('ingest.batch')
  write(runId: string, batch: readonly PreparedResult[], options: WriteOptions = {}): Promise<BatchOutcome> {
    return this.lock.hold(runId, (lease) => this.writeHeld(lease, batch, options));
  }

  /** Writes to the run that `lease` has just created, in its first generation. */
  @Traced('ingest.batch')
  writeFirst(lease: Lease, prepare: () => Promise<readonly PreparedResult[]>): Promise<BatchOutcome> {
    return this.lock.run(lease, async () => {
      failpoint('lease-taken');
      const split = splitKnown(await prepare(), new Map());
      assertRoom(lease, split.fresh.length, 0);
      return this.insertAndSettle(lease, [], split, false);
    });
  }

  /** Makes the summary that a stream still owes; none for a run that was removed meanwhile. */
  async settle(runId: string): Promise<void> {
    await this.lock.hold(runId, async (lease) => {
      const { state, summarised, generation } = lease.run;
      if (state !== 'live' || summarised === generation) await this.leases.release(lease);
      else await this.settleOwed(lease);
    });
  }

  private async writeHeld(
    lease: Lease,
    batch: readonly PreparedResult[],
    { patchOf, more = false, unsettled = 0 }: WriteOptions,
  ): Promise<BatchOutcome> {
    failpoint('lease-taken');
    assertLive(lease);
    const split = splitKnown(batch, await this.results.hashesOf(batch));
    const patch = patchOf?.(lease.run);
    if (split.fresh.length === 0 && patch === undefined) return this.endUnchanged(lease, split, more);
    assertRoom(lease, split.fresh.length, unsettled);
    const before = this.cache.get(lease.run.runId, lease.run.generation);
    const raised = await this.leases.raise(lease, patch);
    failpoint('generation-raised');
    return this.insertAndSettle(raised, before, split, more);
  }

  /** @param before all attempts of the run so far, when they are known */
  private async insertAndSettle(
    lease: Lease,
    before: readonly AttemptRecord[] | undefined,
    split: Split,
    more: boolean,
  ): Promise<BatchOutcome> {
    const { runId, generation } = lease.run;
    const fresh = split.fresh.map((prepared) => stampGeneration(prepared, generation));
    const taken = await this.results.insert(lease.run, fresh, () => this.leases.assertHeld(lease));
    failpoint('results-inserted');
    // taken under our lease: somebody wrote without one, so only the store knows what is there
    const complete = taken.length > 0 ? undefined : before;
    const outcome = taken.length > 0 ? await this.reclassify(split, taken) : split;
    const records = fresh.map(({ record }) => record);
    const attempts = complete?.concat(records) ?? (more ? undefined : await this.results.attemptsOfRun(runId));
    if (!more) {
      // what an earlier chunk or a writer that was cut off has stored is not known to its tests either
      const isOwedMore = lease.run.summarised + 1 < generation;
      const settled = await this.summariser.settle(lease, attempts ?? [], isOwedMore ? (attempts ?? []) : records);
      return toOutcome(settled, outcome);
    }
    if (attempts) this.cache.put(runId, generation, attempts);
    else this.cache.drop(runId);
    await this.leases.pauseStream(lease);
    return toOutcome(lease.run, outcome);
  }

  private async endUnchanged(lease: Lease, split: Split, more: boolean): Promise<BatchOutcome> {
    const { run } = lease;
    if (run.summarised !== run.generation && !more) return toOutcome(await this.settleOwed(lease), split);
    if (run.summarised === run.generation) await this.leases.release(lease);
    else await this.leases.pauseStream(lease);
    return toOutcome(run, split);
  }

  private settleOwed(lease: Lease): Promise<RunRecord> {
    const kept = this.cache.get(lease.run.runId, lease.run.generation);
    return kept ? this.summariser.settle(lease, kept, kept) : this.summariser.settleFromStore(lease);
  }

  private async reclassify(split: Split, taken: readonly PreparedResult[]): Promise<Split> {
    const again = splitKnown(taken, await this.results.hashesOf(taken));
    const lost = new Set(taken.map(({ index }) => index));
    return {
      fresh: split.fresh.filter(({ index }) => !lost.has(index)),
      duplicates: split.duplicates + again.duplicates,
      rejected: [...split.rejected, ...again.rejected],
    };
  }
}

const toOutcome = (run: RunRecord, { fresh, duplicates, rejected }: Split): BatchOutcome => ({
  run,
  accepted: fresh.length,
  duplicates,
  rejected,
});

/** @throws DomainError 409 `run_deleted` or `run_expired` */
export const assertLive = ({ run }: Pick<Lease, 'run'>): void => {
  if (run.state === 'deleted') throw new DomainError('conflict', 'run_deleted', 'The run was deleted');
  if (run.state === 'expired')
    throw new DomainError(
      'conflict',
      'run_expired',
      "The run is older than the project's retention: it takes no results",
    );
};

const assertRoom = ({ run }: Lease, fresh: number, unsettled: number): void => {
  if (run.totals.attempts + unsettled + fresh <= MAX_RESULTS_PER_RUN) return;
  throw invalid('run_too_large', `A run holds at most ${MAX_RESULTS_PER_RUN.toLocaleString('en')} results`, [
    { pointer: '/results', detail: 'are too many for one run: send them as several runs of one build' },
  ]);
};
