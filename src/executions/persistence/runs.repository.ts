import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { encodeCursor, nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { RunKind, RunStatus } from '../domain/model.js';
import type { RunRecord } from '../domain/run-record.js';
import { cursorKeys } from './cursor.js';
import { toRun } from './run-codec.js';
import { RUN, type RunDocument } from './run.schema.js';
import { scopeFilter } from './scope-filter.js';

type Filter = mongo.Filter<RunDocument>;

export interface RunFilter {
  /** Keys of projects. */
  readonly projects?: readonly string[];
  readonly branches?: readonly string[];
  readonly environments?: readonly string[];
  /** Who or what triggered them. */
  readonly users?: readonly string[];
  readonly kinds?: readonly RunKind[];
  readonly statuses?: readonly RunStatus[];
  readonly build?: string;
  readonly commit?: string;
  /** By start: from included, to excluded. */
  readonly from?: Date;
  readonly to?: Date;
}

const NEWEST_FIRST = { startedAt: -1, _id: -1 } as const;
const isRunId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** What came in on one local day for one project. */
export interface UsageRow {
  readonly project: string;
  /** Start of the day in the zone asked for. */
  readonly day: Date;
  readonly runs: number;
  /** Attempts. */
  readonly results: number;
}

/** Reads runs. Writing to one takes its lease: see `run-leases.ts`. */
@Injectable()
export class RunsRepository {
  private readonly collection: mongo.Collection<RunDocument>;

  constructor(@InjectModel(RUN) model: Model<RunDocument>) {
    this.collection = nativeCollection(model);
  }

  async find(scope: Scope, runId: string): Promise<RunRecord | undefined> {
    if (!isRunId(runId)) return undefined;
    const found = await this.collection.findOne({ ...scopeFilter(scope), _id: new Types.ObjectId(runId) });
    return found ? toRun(found) : undefined;
  }

  /** In any order, whatever has become of them; ids that name nothing are left out. */
  async findMany(scope: Scope, runIds: readonly string[]): Promise<RunRecord[]> {
    const _id = { $in: runIds.filter(isRunId).map((id) => new Types.ObjectId(id)) };
    const found = await this.collection.find({ ...scopeFilter(scope), _id }).toArray();
    return found.map(toRun);
  }

  async findByKey(scope: Scope, projectId: string, key: string): Promise<RunRecord | undefined> {
    const found = await this.collection.findOne({ ...scopeFilter(scope), p: new Types.ObjectId(projectId), key });
    return found ? toRun(found) : undefined;
  }

  /** Newest first; deleted runs are left out. */
  async list(scope: Scope, filter: RunFilter, limit: number, cursor?: string): Promise<Page<RunRecord>> {
    const conditions = [scopeFilter(scope), ...conditionsOf(filter), ...(cursor === undefined ? [] : [after(cursor)])];
    const found = await this.collection
      .find({ $and: conditions })
      .sort(NEWEST_FIRST)
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    const nextCursor = more ? encodeCursor([last.startedAt.getTime(), last._id.toHexString()]) : null;
    return { items: items.map(toRun), nextCursor };
  }

  /** How many `list` has, over all pages. */
  count(scope: Scope, filter: RunFilter): Promise<number> {
    return this.collection.countDocuments({ $and: [scopeFilter(scope), ...conditionsOf(filter)] });
  }

  /** All runs of a build id, oldest first; of a commit where no run has that build id. */
  async ofBuild(scope: Scope, buildId: string): Promise<RunRecord[]> {
    for (const member of ['build.id', 'commit']) {
      const filter: Filter = { ...scopeFilter(scope), [member]: buildId, state: { $ne: 'deleted' } };
      const found = await this.collection.find(filter).sort({ startedAt: 1, _id: 1 }).toArray();
      if (found.length > 0) return found.map(toRun);
    }
    return [];
  }

  /** Build ids by their newest run, newest first. */
  async buildIds(scope: Scope, filter: RunFilter, limit: number, cursor?: string): Promise<Page<string>> {
    const newer = cursor === undefined ? [] : [beforeBuild(cursor)];
    const groups = await this.collection
      .aggregate<{ _id: string; at: Date }>([
        { $match: { $and: [scopeFilter(scope), { 'build.id': { $exists: true } }, ...conditionsOf(filter)] } },
        { $group: { _id: '$build.id', at: { $max: '$startedAt' } } },
        { $match: { $and: [{}, ...newer] } },
        { $sort: { at: -1, _id: -1 } },
        { $limit: limit + 1 },
      ])
      .toArray();
    const items = groups.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = groups.length > limit && last ? encodeCursor([last.at.getTime(), last._id]) : null;
    return { items: items.map(({ _id }) => _id), nextCursor };
  }

  /** Runs and their results by project and day of their start, deleted ones left out; sorted by day, then project. */
  async usage(scope: Scope, range: { from: Date; to: Date; timeZone: string }): Promise<UsageRow[]> {
    const { from, to, timeZone } = range;
    const day = { $dateTrunc: { date: '$startedAt', unit: 'day', timezone: timeZone } };
    const groups = await this.collection
      .aggregate<{ _id: { project: string; day: Date }; runs: number; results: number }>([
        { $match: { ...scopeFilter(scope), startedAt: { $gte: from, $lt: to }, state: { $ne: 'deleted' } } },
        { $group: { _id: { project: '$pk', day }, runs: { $sum: 1 }, results: { $sum: '$totals.attempts' } } },
        { $sort: { '_id.day': 1, '_id.project': 1 } },
      ])
      .toArray();
    return groups.map(({ _id, runs, results }) => ({ ..._id, runs, results }));
  }

  async addShard(runId: string, shard: number): Promise<void> {
    await this.collection.updateOne({ _id: new Types.ObjectId(runId) }, { $addToSet: { shardsSeen: shard } });
  }

  /** Running runs of all organizations that nothing was heard of since a time: for the sweep only. */
  async silentSince(time: Date, limit: number): Promise<string[]> {
    const filter: Filter = { status: 'running', state: 'live', updatedAt: { $lt: time } };
    const found = await this.collection.find(filter, { projection: { _id: 1 }, limit }).toArray();
    return found.map(({ _id }) => _id.toHexString());
  }

  /** Those of the runs whose newest generation is in no rollup yet: for the sealer only. */
  async unsummarised(runIds: readonly string[]): Promise<string[]> {
    const filter: Filter = { _id: { $in: runIds.map((id) => new Types.ObjectId(id)) }, pending: true };
    const found = await this.collection.find(filter, { projection: { _id: 1 } }).toArray();
    return found.map(({ _id }) => _id.toHexString());
  }

  /**
   * Runs of a project whose deletion has begun and is not at its end: for the read model only.
   * @param day only those that have something on it
   */
  async beingDeleted(projectId: string, day?: number): Promise<string[]> {
    const p = new Types.ObjectId(projectId);
    const filter: Filter = { removing: true, state: 'deleted', p, ...(day === undefined ? {} : { days: day }) };
    const found = await this.collection.find(filter, { projection: { _id: 1 } }).toArray();
    return found.map(({ _id }) => _id.toHexString());
  }

  /** Every run of every organization, or of one project, whatever has become of it: for `verify` only. */
  async *all(projectId?: string): AsyncGenerator<RunRecord> {
    const filter: Filter = projectId === undefined ? {} : { p: new Types.ObjectId(projectId) };
    for await (const document of this.collection.find(filter, { sort: { _id: 1 } })) yield toRun(document);
  }

  /** Organizations that have runs: for retention only. */
  organizations(): Promise<string[]> {
    return this.collection.distinct('o');
  }

  /** Ids of a project's live runs that started before a time, oldest first: for retention only. */
  async startedBefore(projectId: string, time: Date, limit: number): Promise<string[]> {
    const filter: Filter = { p: new Types.ObjectId(projectId), state: 'live', startedAt: { $lt: time } };
    const options = { projection: { _id: 1 }, sort: { startedAt: 1 }, limit } as const;
    const found = await this.collection.find(filter, options).toArray();
    return found.map(({ _id }) => _id.toHexString());
  }
}

const conditionsOf = (filter: RunFilter): Filter[] => [
  { state: { $ne: 'deleted' } },
  ...(filter.projects ? [{ pk: { $in: [...filter.projects] } }] : []),
  ...(filter.branches ? [{ branch: { $in: [...filter.branches] } }] : []),
  ...(filter.environments ? [{ environment: { $in: [...filter.environments] } }] : []),
  ...(filter.users ? [{ triggeredBy: { $in: [...filter.users] } }] : []),
  ...(filter.kinds ? [{ kind: { $in: [...filter.kinds] } }] : []),
  ...(filter.statuses ? [{ status: { $in: [...filter.statuses] } }] : []),
  ...(filter.build === undefined ? [] : [{ 'build.id': filter.build }]),
  ...(filter.commit === undefined ? [] : [{ commit: filter.commit }]),
  ...(filter.from ? [{ startedAt: { $gte: filter.from } }] : []),
  ...(filter.to ? [{ startedAt: { $lt: filter.to } }] : []),
];

const after = (cursor: string): Filter => {
  const [time, id] = cursorKeys(cursor, 'number', 'string');
  const startedAt = new Date(time);
  const _id = new Types.ObjectId(isRunId(id) ? id : undefined);
  return { $or: [{ startedAt: { $lt: startedAt } }, { startedAt, _id: { $lt: _id } }] };
};

const beforeBuild = (cursor: string): mongo.Document => {
  const [time, id] = cursorKeys(cursor, 'number', 'string');
  const at = new Date(time);
  return { $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] };
};
