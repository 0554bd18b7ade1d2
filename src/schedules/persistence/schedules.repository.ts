import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type ClientSession, type Model, type mongo } from 'mongoose';
import {
  decodeCursor,
  DomainError,
  encodeCursor,
  isDuplicateKey,
  nativeCollection,
  type Page,
  type Scope,
} from '../../common/index.js';
import type { JobOptions } from '../domain/job.js';
import type { LastRun, Schedule, ScheduleSettings, ScheduleState } from '../domain/schedule.js';
import { SCHEDULE, type ScheduleDocument } from './schedule.schemas.js';

export const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** Who is confined to some projects sees the schedules that reach no further. */
const within = (scope: Scope): mongo.Filter<ScheduleDocument> => ({
  o: scope.organization,
  ...(scope.projects === 'all' ? {} : { pk: { $ne: null, $not: { $elemMatch: { $nin: [...scope.projects] } } } }),
});

export interface ScheduleFilter {
  readonly state?: ScheduleState;
  readonly kind?: string;
  /** Subject. */
  readonly owner?: string;
}

export type NewSchedule = Omit<Schedule, 'scheduleId' | 'failuresInRow' | 'lastRun' | 'version' | 'pausedReason'>;

/** undefined takes a field away where it may be missing. */
export type ScheduleChange = Partial<ScheduleSettings> &
  Partial<Pick<Schedule, 'owner' | 'state'>> & {
    readonly updatedAt: Date;
    readonly nextRunAt?: Date | null;
    readonly pausedReason?: string | null;
    readonly failuresInRow?: number;
  };

@Injectable()
export class SchedulesRepository {
  private readonly collection: mongo.Collection<ScheduleDocument>;

  constructor(@InjectModel(SCHEDULE) model: Model<ScheduleDocument>) {
    this.collection = nativeCollection(model);
  }

  /** @throws DomainError 409 `schedule_exists` */
  async insert(scope: Scope, schedule: NewSchedule): Promise<Schedule> {
    const { owner, createdBy, createdAt, updatedAt, state, nextRunAt } = schedule;
    const document: ScheduleDocument = {
      ...{ _id: new Types.ObjectId(), o: scope.organization, owner, createdBy, createdAt, updatedAt, state },
      ...(nextRunAt && { nextRunAt }),
      ...(toFields(schedule) as ReturnType<typeof toFields> & ScheduleDocument),
      ...{ failuresInRow: 0, version: 1, fence: 0 },
    };
    await refusingDuplicates(this.collection.insertOne(document));
    return toSchedule(document);
  }

  async find(scope: Scope, scheduleId: string): Promise<Schedule | undefined> {
    if (!isId(scheduleId)) return undefined;
    const found = await this.collection.findOne({ ...within(scope), _id: new Types.ObjectId(scheduleId) });
    return found ? toSchedule(found) : undefined;
  }

  /** By name. */
  async list(
    scope: Scope,
    { state, kind, owner }: ScheduleFilter,
    limit: number,
    cursor?: string,
  ): Promise<Page<Schedule>> {
    const found = await this.collection
      .find({
        ...within(scope),
        ...(state && { state }),
        ...(kind !== undefined && { kind }),
        ...(owner !== undefined && { 'owner.subject': owner }),
        ...(cursor !== undefined && { name: { $gt: String(decodeCursor(cursor, 1)[0]) } }),
      })
      .sort({ name: 1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit).map(toSchedule);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodeCursor([last.name]) : null };
  }

  /** undefined where it is not the caller's or has another version by now. @throws DomainError 409 `schedule_exists` */
  async update(
    scope: Scope,
    scheduleId: string,
    version: number,
    change: ScheduleChange,
  ): Promise<Schedule | undefined> {
    const { owner, state, updatedAt, failuresInRow } = change;
    const optional = {
      description: change.description,
      nextRunAt: change.nextRunAt,
      pausedReason: change.pausedReason,
    };
    const set = { ...toFields(change), owner, state, updatedAt, failuresInRow, ...optional };
    const given = Object.entries(set).filter(([, value]) => value !== undefined && value !== null);
    const gone = Object.entries(optional).filter(([, value]) => value === null || value === '');
    const found = await refusingDuplicates(
      this.collection.findOneAndUpdate(
        { ...within(scope), _id: new Types.ObjectId(scheduleId), version },
        {
          $set: Object.fromEntries(given.filter(([key]) => !gone.some(([name]) => name === key))),
          $unset: Object.fromEntries(gone.map(([key]) => [key, true])),
          $inc: { version: 1 },
        },
        { returnDocument: 'after' },
      ),
    );
    return found ? toSchedule(found) : undefined;
  }

  /** The first of those that tell a channel of their runs or failures. */
  async usingChannel(scope: Scope, channelId: string, limit: number): Promise<Schedule[]> {
    const told = { $or: [{ 'delivery.channels': channelId }, { 'onFailure.channels': channelId }] };
    const found = await this.collection
      .find({ ...within(scope), ...told })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return found.map(toSchedule);
  }

  async remove(scope: Scope, scheduleId: string): Promise<Schedule | undefined> {
    if (!isId(scheduleId)) return undefined;
    const found = await this.collection.findOneAndDelete({ ...within(scope), _id: new Types.ObjectId(scheduleId) });
    return found ? toSchedule(found) : undefined;
  }

  /** Active and due, of every organization: for the sweep only. */
  async due(now: Date, limit: number): Promise<Schedule[]> {
    const found = await this.collection
      .find({ state: 'active', nextRunAt: { $lte: now } })
      .sort({ nextRunAt: 1 })
      .limit(limit)
      .toArray();
    return found.map(toSchedule);
  }

  /** Moves on from an occurrence that was planned; false where somebody else did, or changed the schedule. */
  async advance(schedule: Schedule, next: Date | undefined): Promise<boolean> {
    const { scheduleId, nextRunAt, version } = schedule;
    const { modifiedCount } = await this.collection.updateOne(
      { _id: new Types.ObjectId(scheduleId), state: 'active', version, ...(nextRunAt && { nextRunAt }) },
      next ? { $set: { nextRunAt: next } } : { $unset: { nextRunAt: true } },
    );
    return modifiedCount > 0;
  }

  /**
   * Writes down how a run ended. That a failure counts, and that the schedule stops with `pause`, holds only for the
   * version that was run: who changed it meanwhile may have repaired it.
   * @returns whether it was the version that was run
   */
  async settle(
    { scheduleId, version }: Pick<Schedule, 'scheduleId' | 'version'>,
    lastRun: LastRun,
    failuresInRow: number,
    pause: { readonly reason: string } | undefined,
    session: ClientSession,
  ): Promise<boolean> {
    const _id = new Types.ObjectId(scheduleId);
    const { matchedCount } = await this.collection.updateOne(
      { _id, version },
      {
        $set: { lastRun, failuresInRow, ...(pause && { state: 'paused' as const, pausedReason: pause.reason }) },
        ...(pause && { $unset: { nextRunAt: true as const }, $inc: { version: 1 } }),
      },
      { session },
    );
    if (matchedCount > 0) return true;
    const ended = failuresInRow === 0 ? { lastRun, failuresInRow } : { lastRun };
    await this.collection.updateOne({ _id }, { $set: ended }, { session });
    return false;
  }
}

const refusingDuplicates = async <T>(write: Promise<T>): Promise<T> => {
  try {
    return await write;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new DomainError('conflict', 'schedule_exists', 'There is a schedule of this name already', {
      errors: [{ pointer: '/name', detail: 'is taken' }],
    });
  }
};

/** The settings as they are stored; those that are not given are left out. */
const toFields = (settings: Partial<ScheduleSettings> & Partial<Pick<Schedule, 'owner'>>) => {
  const { name, description, timing, target, delivery, catchUp, onFailure, owner } = settings;
  const fields = {
    ...{ name, description, timing, delivery, catchUp, onFailure },
    ...(target && { kind: target.kind, options: JSON.stringify(target.options) }),
    ...(owner && { pk: owner.projects === 'all' ? null : [...owner.projects] }),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
};

export const toSchedule = (document: ScheduleDocument): Schedule => {
  const { _id, kind, options, description, pausedReason, nextRunAt, lastRun } = document;
  const { name, timing, delivery, catchUp, onFailure, owner, state, failuresInRow } = document;
  const { version, createdBy, createdAt, updatedAt } = document;
  return {
    scheduleId: _id.toHexString(),
    ...{ name, timing, delivery, catchUp, onFailure, owner, state, failuresInRow },
    ...{ version, createdBy, createdAt, updatedAt },
    target: { kind, options: JSON.parse(options) as JobOptions },
    ...(description !== undefined && { description }),
    ...(pausedReason !== undefined && { pausedReason }),
    ...(nextRunAt && { nextRunAt }),
    ...(lastRun && { lastRun }),
  };
};
