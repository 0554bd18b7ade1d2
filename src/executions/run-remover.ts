import { Injectable } from '@nestjs/common';
import { failpoint } from '../common/index.js';
import { AttemptsCache } from './attempts-cache.js';
import { CommitHookRegistry } from './commit-hook.registry.js';
import type { RunState } from './domain/model.js';
import type { RunRecord } from './domain/run-record.js';
import { FirstSeen } from './persistence/first-seen.js';
import { ResultsRepository } from './persistence/results.repository.js';
import { RunLeases, type Lease } from './persistence/run-leases.js';
import { RunLock } from './run-lock.js';
import { Summariser } from './summariser.js';

/**
 * Removes the results of a run: by a client (`deleted`: reports forget it) or by retention (`expired`: its summary stays in
 * the figures). The summary is frozen and the commit made before the first result goes, so the rows behind a cell and
 * the removed ones always add up. Each step can be done again.
 */
@Injectable()
export class RunRemover {
  constructor(
    private readonly lock: RunLock,
    private readonly leases: RunLeases,
    private readonly hooks: CommitHookRegistry,
    private readonly summariser: Summariser,
    private readonly results: ResultsRepository,
    private readonly firstSeen: FirstSeen,
    private readonly cache: AttemptsCache,
  ) {}

  /** @returns the run as it was; `undefined` when it was not live any more */
  async remove(runId: string, state: Exclude<RunState, 'live'>): Promise<RunRecord | undefined> {
    // an expired run stays in the figures, so a summary that is owed comes first; it ends the lease
    if (state === 'expired') await this.settleOwed(runId);
    return this.lock.hold(runId, async (lease) => {
      const { run } = lease;
      const isExpiredNow = run.state === 'expired' && state === 'deleted';
      if (run.state !== 'live' && !isExpiredNow) {
        await this.leases.release(lease);
        return undefined;
      }
      await this.finish(await this.leases.beginRemoval(lease, state));
      return run;
    });
  }

  /** The rest of a removal that has begun. */
  async finish(lease: Lease): Promise<void> {
    const { run } = lease;
    const state = run.state === 'expired' ? 'expired' : 'deleted';
    failpoint('removal-begun');
    await this.hooks.require().freeze(run, state);
    failpoint('summary-frozen');
    const position = await this.summariser.append(run, state, run.days);
    failpoint('removal-committed');
    if (state === 'deleted')
      await this.firstSeen.forget(run.projectId, run.runId, await this.results.attemptsOfRun(run.runId));
    failpoint('tests-forgotten');
    while ((await this.results.removeSome(run.runId)) > 0) failpoint('results-removed');
    await this.leases.endRemoval(lease);
    this.cache.drop(run.runId);
    this.summariser.announce(run, state, position);
  }

  private async settleOwed(runId: string): Promise<void> {
    await this.lock.hold(runId, async (lease) => {
      const { state, summarised, generation } = lease.run;
      if (state === 'live' && summarised !== generation) await this.summariser.settleFromStore(lease);
      else await this.leases.release(lease);
    });
  }
}
