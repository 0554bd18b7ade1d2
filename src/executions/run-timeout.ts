import { Injectable } from '@nestjs/common';
import { AttemptsCache } from './attempts-cache.js';
import { ResultsRepository } from './persistence/results.repository.js';
import { RunLeases } from './persistence/run-leases.js';
import { RunLock } from './run-lock.js';
import { Summariser } from './summariser.js';

/** Marks a run aborted that its client has left behind. Results that come later are still taken. */
@Injectable()
export class RunTimeout {
  constructor(
    private readonly lock: RunLock,
    private readonly leases: RunLeases,
    private readonly results: ResultsRepository,
    private readonly summariser: Summariser,
    private readonly cache: AttemptsCache,
  ) {}

  /** @returns false when the run has moved on meanwhile */
  abort(runId: string, silentSince: Date): Promise<boolean> {
    return this.lock.hold(runId, async (lease) => {
      const { status, state, updatedAt, generation, summarised } = lease.run;
      if (status !== 'running' || state !== 'live' || updatedAt >= silentSince) {
        await this.leases.release(lease);
        return false;
      }
      const kept = this.cache.get(runId, generation);
      const raised = await this.leases.raise(lease, { status: 'aborted' });
      const attempts = kept ?? (await this.results.attemptsOfRun(runId));
      await this.summariser.settle(raised, attempts, summarised === generation ? [] : attempts);
      return true;
    });
  }
}
