import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { CommitHookRegistry } from './commit-hook.registry.js';
import { EXECUTIONS_OPTIONS, type ExecutionsOptions } from './executions.options.js';
import { RunLeases } from './persistence/run-leases.js';
import { RunsRepository } from './persistence/runs.repository.js';
import { Periodic } from './periodic.js';
import { RunLock } from './run-lock.js';
import { RunRemover } from './run-remover.js';
import { RunTimeout } from './run-timeout.js';
import { Summariser } from './summariser.js';

const BATCH = 200;

/**
 * Finishes what was cut off, at boot and every quarter of a minute: summaries that are owed, removals that have begun;
 * and aborts running runs that nothing is heard of. Work is claimed by lease, so any number of processes may sweep.
 */
@Injectable()
export class RunSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RunSweeper.name);
  private readonly periodic = new Periodic(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'the sweep of runs failed'),
  );

  constructor(
    private readonly hooks: CommitHookRegistry,
    private readonly leases: RunLeases,
    private readonly runs: RunsRepository,
    private readonly lock: RunLock,
    private readonly summariser: Summariser,
    private readonly remover: RunRemover,
    private readonly timeout: RunTimeout,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    @Inject(EXECUTIONS_OPTIONS) private readonly options: ExecutionsOptions,
  ) {}

  onApplicationBootstrap(): void {
    if (this.options.sweepEveryMs > 0) this.periodic.start(this.options.sweepEveryMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.periodic.stop();
  }

  /** @returns how many runs were repaired and aborted */
  async sweep(): Promise<{ repaired: number; aborted: number }> {
    if (!this.hooks.isReady()) return { repaired: 0, aborted: 0 };
    let repaired = 0;
    for (const { runId } of await this.leases.abandoned(BATCH)) if (await this.guarded(runId, this.repair)) repaired++;
    const silentSince = new Date(this.clock.now().getTime() - this.config.runTimeoutMinutes * 60_000);
    let aborted = 0;
    for (const runId of await this.runs.silentSince(silentSince, BATCH))
      if (await this.guarded(runId, () => this.timeout.abort(runId, silentSince))) aborted++;
    if (repaired + aborted > 0) this.logger.log({ repaired, aborted }, 'swept runs');
    return { repaired, aborted };
  }

  private readonly repair = async (runId: string): Promise<boolean> => {
    const taken = await this.leases.tryTake(runId);
    if (!taken) return false;
    return this.lock.run(taken, async (lease) => {
      const { state, summarised, generation } = lease.run;
      if (state !== 'live') await this.remover.finish(lease);
      else if (summarised !== generation) await this.summariser.settleFromStore(lease);
      else await this.leases.release(lease);
      return state !== 'live' || summarised !== generation;
    });
  };

  /** One run that cannot be repaired must not keep the others from it. */
  private async guarded(runId: string, work: (runId: string) => Promise<boolean>): Promise<boolean> {
    try {
      return await work(runId);
    } catch (error) {
      this.logger.error({ err: error, runId }, 'a run could not be swept');
      return false;
    }
  }
}
