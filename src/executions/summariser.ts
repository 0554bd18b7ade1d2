import { Injectable } from '@nestjs/common';
import { Clock, failpoint } from '../common/index.js';
import { AttemptsCache } from './attempts-cache.js';
import { CommitHookRegistry } from './commit-hook.registry.js';
import type { AttemptRecord, Commit } from './domain/model.js';
import { newestOf, totalsOf, type RunRecord } from './domain/run-record.js';
import { CommitLog } from './persistence/commit-log.js';
import { FirstSeen } from './persistence/first-seen.js';
import { ResultsRepository } from './persistence/results.repository.js';
import { RunLeases, type Lease } from './persistence/run-leases.js';
import { RunEvents } from './run-events.js';

/** The second half of every write: the generation that the lease holds goes into the rollups and the commit log. */
@Injectable()
export class Summariser {
  constructor(
    private readonly hooks: CommitHookRegistry,
    private readonly leases: RunLeases,
    private readonly results: ResultsRepository,
    private readonly firstSeen: FirstSeen,
    private readonly commits: CommitLog,
    private readonly cache: AttemptsCache,
    private readonly events: RunEvents,
    private readonly clock: Clock,
  ) {}

  /**
   * Every step can be done again: after a crash the sweep, or the next writer, begins here anew.
   * @param attempts all of the run
   * @param fresh those whose tests may not know of them yet
   */
  async settle(lease: Lease, attempts: readonly AttemptRecord[], fresh: readonly AttemptRecord[]): Promise<RunRecord> {
    const { run } = lease;
    const [days] = await Promise.all([
      this.hooks.require().summarise(run, attempts, run.days),
      this.firstSeen.note(run.projectId, fresh),
    ]);
    failpoint('summary-written');
    const touched = [...new Set([...run.days, ...days])].sort((a, b) => a - b);
    const position = await this.append(run, 'results', touched);
    failpoint('commit-appended');
    const settled = await this.leases.complete(lease, days, totalsOf(attempts), newestOf(fresh, run.newest));
    failpoint('run-completed');
    this.cache.put(run.runId, run.generation, attempts);
    this.announce(run, 'results', position);
    return settled;
  }

  /** Settles from what is stored: the repair of a write that was cut off. */
  async settleFromStore(lease: Lease): Promise<RunRecord> {
    const attempts = await this.results.attemptsOfRun(lease.run.runId);
    return this.settle(lease, attempts, attempts);
  }

  async append(run: RunRecord, kind: 'results' | 'deleted' | 'expired', days: readonly number[]): Promise<number> {
    return this.commits.append({
      organization: run.organization,
      projectId: run.projectId,
      kind,
      runId: run.runId,
      generation: run.generation,
      days,
      at: this.clock.now(),
    });
  }

  announce(run: RunRecord, kind: Exclude<Commit['kind'], 'definition'>, position: number): void {
    const { organization, projectId, runId } = run;
    this.events.emitRunCommitted({ organization, projectId, runId, kind, position });
  }
}
