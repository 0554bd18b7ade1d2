import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type ClientSession, type Model, type mongo } from 'mongoose';
import {
  decodeCursor,
  encodeCursor,
  invalid,
  isDuplicateKey,
  nativeCollection,
  type Page,
  type Scope,
} from '../../common/index.js';
import type { HeldRun, RunStatus, RunTrigger, ScheduleRun } from '../domain/schedule.js';
import { type RunDocument, SCHEDULE_RUN } from './schedule.schemas.js';
import { isId } from './schedules.repository.js';

const UNFINISHED: RunStatus[] = ['pending', 'running'];

export interface NewRun {
  readonly trigger: RunTrigger;
  readonly plannedAt: Date;
  readonly status: 'pending' | 'skipped';
  readonly requestedBy?: string;
  readonly note?: string;
}

export type RunEnd = Pick<ScheduleRun, 'outcome' | 'error' | 'note'> & {
  readonly status: 'succeeded' | 'failed' | 'skipped';
  readonly finishedAt: Date;
};

/** Occurrences: a row each, whoever plans it and however often. */
@Injectable()
export class ScheduleRunsRepository {
  private readonly collection: mongo.Collection<RunDocument>;

  constructor(@InjectModel(SCHEDULE_RUN) model: Model<RunDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Those that are there already stay as they are. @returns the rows that are new */
  async insert(scope: Scope, scheduleId: string, runs: readonly NewRun[], now: Date): Promise<ScheduleRun[]> {
    if (runs.length === 0) return [];
    const rows = runs.map((run) => toRow(scope, scheduleId, run, now));
    try {
      await this.collection.insertMany(rows, { ordered: false });
    } catch (error) {
      const { writeErrors } = error as { writeErrors?: readonly { readonly code?: number; readonly index: number }[] };
      if (!writeErrors?.every(isDuplicateKey)) throw error;
      const known = new Set(writeErrors.map(({ index }) => index));
      return rows.filter((_, index) => !known.has(index)).map(toRun);
    }
    return rows.map(toRun);
  }

  /** Newest first. */
  async list(
    scope: Scope,
    scheduleId: string,
    statuses: readonly RunStatus[] | undefined,
    limit: number,
    cursor?: string,
  ): Promise<Page<ScheduleRun>> {
    const found = await this.collection
      .find({
        o: scope.organization,
        s: new Types.ObjectId(scheduleId),
        ...(statuses && { status: { $in: [...statuses] } }),
        ...(cursor !== undefined && olderThan(cursor)),
      })
      .sort({ plannedAt: -1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit).map(toRun);
    const last = items.at(-1);
    const more = found.length > limit && last;
    return { items, nextCursor: more ? encodeCursor([last.plannedAt.getTime(), last.runId]) : null };
  }

  async find(scope: Scope, scheduleId: string, runId: string): Promise<ScheduleRun | undefined> {
    if (!isId(runId) || !isId(scheduleId)) return undefined;
    const filter = { o: scope.organization, s: new Types.ObjectId(scheduleId), _id: new Types.ObjectId(runId) };
    const found = await this.collection.findOne(filter);
    return found ? toRun(found) : undefined;
  }

  async removeOf(scheduleId: string): Promise<void> {
    await this.collection.deleteMany({ s: new Types.ObjectId(scheduleId) });
  }

  /** Of every organization. @returns how many */
  async removeFinishedBefore(at: Date): Promise<number> {
    const { deletedCount } = await this.collection.deleteMany({ finishedAt: { $lt: at } });
    return deletedCount;
  }

  /** Schedules with a run to be taken, of every organization, the longest waiting first: for the sweep only. */
  async waiting(now: Date, limit: number): Promise<string[]> {
    const found = await this.collection
      .aggregate<{ _id: Types.ObjectId }>([
        { $match: { status: { $in: UNFINISHED }, notBefore: { $lte: now } } },
        { $group: { _id: '$s', first: { $min: '$notBefore' } } },
        { $sort: { first: 1 } },
        { $limit: limit },
      ])
      .toArray();
    return found.map(({ _id }) => _id.toHexString());
  }

  /** The oldest run of a schedule that waits, taken under a claim of the schedule. */
  async take(scheduleId: string, fence: number, now: Date, until: Date): Promise<HeldRun | undefined> {
    const found = await this.collection.findOneAndUpdate(
      {
        s: new Types.ObjectId(scheduleId),
        status: { $in: UNFINISHED },
        notBefore: { $lte: now },
        fence: { $lt: fence },
      },
      { $set: { status: 'running', fence, notBefore: until, startedAt: now }, $inc: { attempts: 1 } },
      { sort: { plannedAt: 1, _id: 1 }, returnDocument: 'after' },
    );
    return found ? { ...toRun(found), fence } : undefined;
  }

  /** false where it is not held any more. */
  async hold({ runId, fence }: HeldRun, until: Date): Promise<boolean> {
    const { matchedCount } = await this.collection.updateOne(heldBy(runId, fence), { $set: { notBefore: until } });
    return matchedCount > 0;
  }

  /** For another try. `counts`: whether this one was one. */
  async giveBack({ runId, fence }: HeldRun, notBefore: Date, counts: boolean): Promise<void> {
    await this.collection.updateOne(heldBy(runId, fence), {
      $set: { status: 'pending', notBefore },
      ...(!counts && { $inc: { attempts: -1 } }),
    });
  }

  /** false where it is not held any more: what this process did about it must not count. */
  async finish({ runId, fence }: HeldRun, end: RunEnd, session: ClientSession): Promise<boolean> {
    const given = Object.fromEntries(Object.entries<unknown>(end).filter(([, value]) => value !== undefined));
    const update = { $set: given, $unset: { notBefore: true as const } };
    const { matchedCount } = await this.collection.updateOne(heldBy(runId, fence), update, { session });
    return matchedCount > 0;
  }
}

const heldBy = (runId: string, fence: number): mongo.Filter<RunDocument> => ({
  _id: new Types.ObjectId(runId),
  fence,
  status: 'running',
});

const toRow = (scope: Scope, scheduleId: string, run: NewRun, now: Date): RunDocument => {
  const _id = new Types.ObjectId();
  const { trigger, plannedAt, status, requestedBy, note } = run;
  return {
    ...{ _id, o: scope.organization, s: new Types.ObjectId(scheduleId), trigger, plannedAt, status },
    key: trigger === 'manual' ? `manual ${_id.toHexString()}` : plannedAt.toISOString(),
    ...{ attempts: 0, fence: 0 },
    ...(status === 'pending' ? { notBefore: now } : { finishedAt: now }),
    ...(requestedBy !== undefined && { requestedBy }),
    ...(note !== undefined && { note }),
  };
};

const olderThan = (cursor: string): mongo.Filter<RunDocument> => {
  const [time, id] = decodeCursor(cursor, 2);
  const plannedAt = new Date(typeof time === 'number' ? time : Number.NaN);
  if (Number.isNaN(plannedAt.getTime()) || typeof id !== 'string' || !isId(id))
    throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
      { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
    ]);
  return { $or: [{ plannedAt: { $lt: plannedAt } }, { plannedAt, _id: { $lt: new Types.ObjectId(id) } }] };
};

const toRun = (document: RunDocument): ScheduleRun => {
  const { _id, s, trigger, plannedAt, status, attempts } = document;
  const { requestedBy, startedAt, finishedAt, outcome, error, note } = document;
  return {
    ...{ runId: _id.toHexString(), scheduleId: s.toHexString(), trigger, plannedAt, status, attempts },
    ...(requestedBy !== undefined && { requestedBy }),
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    ...(startedAt && finishedAt && { durationMs: finishedAt.getTime() - startedAt.getTime() }),
    ...(outcome && { outcome }),
    ...(error && { error }),
    ...(note !== undefined && { note }),
  };
};
