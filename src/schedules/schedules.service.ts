import { Injectable } from '@nestjs/common';
import { AuditService, type Principal, storedPrincipalOf } from '../auth/index.js';
import { Clock, DomainError, notFound, type Page, type Scope } from '../common/index.js';
import { ChannelsService } from '../notifications/index.js';
import { nextOccurrence } from './domain/occurrences.js';
import type { Schedule, ScheduleSettings } from './domain/schedule.js';
import { ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { type ScheduleChange, type ScheduleFilter, SchedulesRepository } from './persistence/schedules.repository.js';
import { ScheduledJobs } from './scheduled-jobs.js';

export interface NewScheduleInput extends ScheduleSettings {
  readonly paused: boolean;
}

/** Fields left out stay; null takes away what may be missing. */
export type ScheduleUpdate = Partial<Omit<ScheduleSettings, 'description'>> & { readonly description?: string | null };

/** Somebody else's change may come between reading and writing: so often it is tried again. */
const TRIES = 5;

/** Recurring jobs as people keep them. A schedule runs under the rights of who saved it last. */
@Injectable()
export class SchedulesService {
  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly runs: ScheduleRunsRepository,
    private readonly jobs: ScheduledJobs,
    private readonly channels: ChannelsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 403, 404 and 422 of the job's options; 409 `schedule_exists`; 422 `unknown_channel` */
  async create(principal: Principal, { paused, ...settings }: NewScheduleInput): Promise<Schedule> {
    const checked = await this.check(principal, settings);
    const now = this.clock.now();
    const nextRunAt = paused ? undefined : nextOccurrence(checked.timing, now);
    const created = await this.schedules.insert(principal.scope, {
      ...checked,
      owner: storedPrincipalOf(principal),
      state: paused ? 'paused' : 'active',
      ...(nextRunAt && { nextRunAt }),
      ...{ createdBy: principal.subject, createdAt: now, updatedAt: now },
    });
    await this.record(principal, 'schedule.created', created);
    return created;
  }

  /** @throws DomainError 404: not there, or it reaches further than the caller */
  async find(scope: Scope, scheduleId: string): Promise<Schedule> {
    const found = await this.schedules.find(scope, scheduleId);
    if (!found) throw notFound('Schedule');
    return found;
  }

  list(scope: Scope, filter: ScheduleFilter, limit: number, cursor?: string): Promise<Page<Schedule>> {
    return this.schedules.list(scope, filter, limit, cursor);
  }

  /**
   * Everything is checked again under the rights of the caller, and runs under them from now on.
   * @param version that the change is meant for; undefined: whichever it is
   * @throws DomainError 404; 412 `stale_version`; and as `create`
   */
  async update(
    principal: Principal,
    scheduleId: string,
    update: ScheduleUpdate,
    version: number | undefined,
  ): Promise<Schedule> {
    const updated = await this.change(principal, scheduleId, version, async (before) => {
      const { description, ...rest } = update;
      const checked = await this.check(principal, { ...before, ...rest });
      const { timing, target, delivery, catchUp, onFailure, name } = checked;
      const retimed = update.timing !== undefined && before.state === 'active';
      return {
        ...{ timing, target, delivery, catchUp, onFailure, name },
        ...(description !== undefined && { description: description ?? '' }),
        owner: storedPrincipalOf(principal),
        ...(retimed && { nextRunAt: nextOccurrence(timing, this.clock.now()) ?? null }),
      };
    });
    await this.record(principal, 'schedule.updated', updated);
    return updated;
  }

  /** Nothing is run from now on but by hand. Pausing again changes nothing. @throws DomainError 404 */
  async pause(principal: Principal, scheduleId: string): Promise<Schedule> {
    const before = await this.find(principal.scope, scheduleId);
    if (before.state === 'paused') return before;
    const pausedReason = `Paused by ${principal.name}`;
    const paused = await this.change(principal, scheduleId, undefined, () => ({
      ...{ state: 'paused', nextRunAt: null, pausedReason },
    }));
    await this.record(principal, 'schedule.paused', paused);
    return paused;
  }

  /** Goes on with the next occurrence; what fell into the pause is not caught up. @throws DomainError 404 */
  async resume(principal: Principal, scheduleId: string): Promise<Schedule> {
    const before = await this.find(principal.scope, scheduleId);
    if (before.state === 'active') return before;
    const resumed = await this.change(principal, scheduleId, undefined, ({ timing }) => ({
      ...{ state: 'active', pausedReason: null, failuresInRow: 0 },
      nextRunAt: nextOccurrence(timing, this.clock.now()) ?? null,
    }));
    await this.record(principal, 'schedule.resumed', resumed);
    return resumed;
  }

  /** With its history; what its runs made elsewhere stays. @throws DomainError 404 */
  async remove(principal: Principal, scheduleId: string): Promise<void> {
    const removed = await this.schedules.remove(principal.scope, scheduleId);
    if (!removed) throw notFound('Schedule');
    await this.runs.removeOf(scheduleId);
    await this.record(principal, 'schedule.deleted', removed);
  }

  /** Settings as they would be stored. @throws DomainError as `create` */
  async check(principal: Principal, settings: ScheduleSettings): Promise<ScheduleSettings> {
    const target = await this.jobs.validate(principal, settings.target);
    await this.channels.requireAll(principal.scope, settings.delivery.channels, '/delivery/channels');
    await this.channels.requireAll(principal.scope, settings.onFailure.channels, '/onFailure/channels');
    return { ...settings, target };
  }

  private async change(
    { scope }: Principal,
    scheduleId: string,
    version: number | undefined,
    changeOf: (before: Schedule) => Promise<Omit<ScheduleChange, 'updatedAt'>> | Omit<ScheduleChange, 'updatedAt'>,
  ): Promise<Schedule> {
    for (let i = 0; i < TRIES; i++) {
      const before = await this.find(scope, scheduleId);
      if (version !== undefined && before.version !== version) break;
      const change = { ...(await changeOf(before)), updatedAt: this.clock.now() };
      const changed = await this.schedules.update(scope, scheduleId, before.version, change);
      if (changed) return changed;
    }
    throw new DomainError('stale', 'stale_version', 'The schedule was changed by somebody else; read it again');
  }

  private record(principal: Principal, action: string, { scheduleId, name, timing, target }: Schedule): Promise<void> {
    const details = { name, cron: timing.cron, timeZone: timing.timeZone, kind: target.kind };
    return this.audit.record(principal, action, { type: 'schedule', id: scheduleId }, details);
  }
}
