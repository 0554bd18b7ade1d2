import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, isDatabaseAway, Traced } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { RunsRepository } from '../executions/index.js';
import { mergeRows } from './domain/build-rows.js';
import { isTooLarge, sealDay } from './domain/seal.js';
import { SealPauses } from './domain/seal-pauses.js';
import { DaysRepository, type DirtyDay } from './persistence/days.repository.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';
import { SealedDaysRepository } from './persistence/sealed-days.repository.js';
import { WorkerPulse } from './worker-pulse.js';

const IDLE_MS = 500;
/**
 * A day that is still moving is left alone, for as long as it moves: what was sealed would be out of date with the next
 * change, and until then the day is answered from its run summaries, which nodes keep decoded.
 */
const QUIET_MS = 2_000;

/** moved: it has changed meanwhile, a batch is on its way into it, or a run is leaving it. */
type Outcome = 'sealed' | 'moved' | 'too-large';

/**
 * Seals dirty days in the background, in the worker. What is dirty stands in the database, so a killed worker goes on
 * where it was, and two workers only repeat each other.
 */
@Injectable()
export class SealerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SealerService.name);
  private readonly pauses = new SealPauses();
  private stopped = false;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly days: DaysRepository,
    private readonly summaries: RunSummariesRepository,
    private readonly sealed: SealedDaysRepository,
    private readonly runs: RunsRepository,
    private readonly pulse: WorkerPulse,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'api') this.loop = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    if (!this.loop) return;
    await this.loop;
    await this.pulse.end();
  }

  /** Seals every day that is dirty now, moving or not. @returns how many */
  async sealAll(): Promise<number> {
    let count = 0;
    for (;;) {
      const done = await this.sealDirty();
      count += done;
      if (done === 0) return count;
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      let done = 0;
      try {
        done = await this.sealQuiet();
        await this.pulse.beat();
      } catch (error) {
        this.logger.warn({ err: error }, 'sealing failed; it goes on');
      }
      if (done === 0) await sleep(IDLE_MS);
    }
  }

  private async sealDirty(): Promise<number> {
    let done = 0;
    for await (const day of this.days.dirty()) if (await this.guarded(day)) done++;
    return done;
  }

  /** The days that have come to rest, but for those that are to be left alone for a while. */
  private async sealQuiet(): Promise<number> {
    const seen = new Set<string>();
    let done = 0;
    for await (const day of this.days.dirty(new Date(this.clock.now().getTime() - QUIET_MS))) {
      if (this.stopped) return done;
      await this.pulse.beat();
      seen.add(idOf(day));
      const isDue = this.pauses.isDue(idOf(day), day.version, this.clock.now().getTime());
      if (isDue && (await this.guarded(day))) done++;
    }
    this.pauses.keepOnly(seen);
    return done;
  }

  /** One day that cannot be sealed must not keep the others from it, of whatever organization they are. */
  private async guarded(day: DirtyDay): Promise<boolean> {
    const { organization, projectId, day: number, version } = day;
    const which = { organization, projectId, day: number, version };
    try {
      const outcome = await this.seal(day);
      if (outcome === 'moved') this.pauses.prolong(idOf(day), version, this.clock.now().getTime());
      if (outcome === 'too-large') {
        this.pauses.untilChanged(idOf(day), version);
        this.logger.warn(which, 'a day is too large to be sealed; it is answered from its run summaries');
      }
      return outcome === 'sealed';
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      this.pauses.prolong(idOf(day), version, this.clock.now().getTime());
      this.logger.error({ err: error, ...which }, 'a day could not be sealed; it is tried again');
      return false;
    }
  }

  @Traced('metrics.seal')
  private async seal({ organization, projectId, day, version }: DirtyDay): Promise<Outcome> {
    const parts = (await this.summaries.partsOfDays(projectId, [day])).get(day) ?? [];
    // what is not committed yet belongs to no position: the day waits until its batch is through
    const pending = await this.runs.unsummarised(parts.map((part) => part.runId));
    if (pending.length > 0) return 'moved';
    // the same for what has left the summaries, and not yet the log
    if ((await this.runs.beingDeleted(projectId, day)).length > 0) return 'moved';
    // a batch that got through between the two reads has moved the version: its rows must not stand under the old one
    const [current] = await this.days.find(projectId, [day]);
    if (current?.version !== version) return 'moved';
    const sealed = sealDay(mergeRows(parts.map((part) => part.rows)));
    if (isTooLarge(sealed)) return 'too-large';
    await this.sealed.write(organization, projectId, day, version, sealed);
    await this.days.markSealed(projectId, day, version);
    return 'sealed';
  }
}

const idOf = ({ projectId, day }: DirtyDay): string => `${projectId}:${day}`;
