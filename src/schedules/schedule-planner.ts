import { Injectable, Logger } from '@nestjs/common';
import { Clock, systemScope } from '../common/index.js';
import { type DuePlan, planDue } from './domain/catch-up.js';
import type { Schedule } from './domain/schedule.js';
import { type NewRun, ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';

const BATCH = 200;
const KEPT_MS = 400 * 24 * 3_600_000;

/**
 * Turns instants that have come into rows. The rows come first and `nextRunAt` moves after them: who is killed between
 * the two plans again and finds its rows there, and so does a second process at the same time.
 */
@Injectable()
export class SchedulePlanner {
  private readonly logger = new Logger(SchedulePlanner.name);

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly runs: ScheduleRunsRepository,
    private readonly clock: Clock,
  ) {}

  /** Forgets what is older than the history is kept; what the runs made elsewhere has its own time. */
  prune(): Promise<number> {
    return this.runs.removeFinishedBefore(new Date(this.clock.now().getTime() - KEPT_MS));
  }

  /** @returns how many occurrences are new */
  async plan(): Promise<number> {
    let planned = 0;
    for (const schedule of await this.schedules.due(this.clock.now(), BATCH)) {
      try {
        planned += await this.planOne(schedule);
      } catch (error) {
        // one that cannot be planned must not keep the others from it
        this.logger.error({ err: error, scheduleId: schedule.scheduleId }, 'a schedule could not be planned');
      }
    }
    return planned;
  }

  private async planOne(schedule: Schedule): Promise<number> {
    const { scheduleId, timing, nextRunAt, catchUp, owner } = schedule;
    if (!nextRunAt) return 0;
    const now = this.clock.now();
    const plan = planDue(timing, nextRunAt, now, catchUp);
    const rows = rowsOf(plan, nextRunAt);
    const added = await this.runs.insert(systemScope(owner.organization), scheduleId, rows, now);
    await this.schedules.advance(schedule, plan.next);
    return added.length;
  }
}

const rowsOf = ({ run, skipped, more }: DuePlan, since: Date): NewRun[] => [
  ...skipped.map((plannedAt, i): NewRun => {
    const earlier = more && i === 0 ? `; so were those before it, since ${since.toISOString()}` : '';
    const note = `Missed while no worker ran, and left out by the catch-up policy${earlier}`;
    return { trigger: 'catch_up', plannedAt, status: 'skipped', note };
  }),
  ...run.map(({ at, missed }): NewRun => ({
    trigger: missed ? 'catch_up' : 'planned',
    plannedAt: at,
    status: 'pending',
  })),
];
