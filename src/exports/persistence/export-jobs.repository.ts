import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import {
  decodeCursor,
  encodeCursor,
  invalid,
  isDuplicateKey,
  nativeCollection,
  type Page,
  type Scope,
} from '../../common/index.js';
import {
  type ExportDefinition,
  type ExportJob,
  type ExportOwner,
  type ExportStatus,
  type Priority,
  RANKS,
} from '../domain/export-job.js';
import { definitionText, toJob } from './export-job.codec.js';
import { EXPORT_JOB, type ExportJobDocument } from './export-job.schema.js';

type Filter = mongo.Filter<ExportJobDocument>;
type Update = mongo.UpdateFilter<ExportJobDocument>;

export interface NewJob {
  readonly definition: ExportDefinition;
  readonly projects: readonly string[];
  readonly isWide: boolean;
  readonly isPrivate: boolean;
  readonly name: string;
  readonly priority: Priority;
  readonly owner: ExportOwner;
  /** The same key is the same job. */
  readonly key?: string;
}

export interface JobFilter {
  readonly statuses?: readonly ExportStatus[];
  /** Subject. */
  readonly owner?: string;
  /** Subject of somebody who does not see what others keep to themselves; undefined: all is shown. */
  readonly reader?: string;
}

/** What an organization has under way and keeps. */
export interface Usage {
  readonly open: number;
  readonly bytes: number;
}

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);
const OPEN = ['pending', 'in_progress'] as const;

/** An export is visible to who may see every project that it reads, and all of them where it holds what is about none. */
const visible = (scope: Scope): Filter => ({
  o: scope.organization,
  ...(scope.projects === 'all'
    ? {}
    : { wide: { $ne: true }, pk: { $not: { $elemMatch: { $nin: [...scope.projects] } } } }),
});

/** The jobs as clients see and steer them. What the worker does to one is in `export-leases.ts`. */
@Injectable()
export class ExportJobsRepository {
  private readonly collection: mongo.Collection<ExportJobDocument>;

  constructor(@InjectModel(EXPORT_JOB) model: Model<ExportJobDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(
    scope: Scope,
    { definition, projects, isWide, isPrivate, name, priority, owner, key }: NewJob,
    now: Date,
  ): Promise<ExportJob> {
    const { source, format } = definition;
    const document: ExportJobDocument = {
      _id: new Types.ObjectId(),
      o: scope.organization,
      pk: [...projects],
      ...(isWide ? { wide: true } : {}),
      ...(isPrivate ? { private: true } : {}),
      ...{ name, owner, source, format, priority, rank: RANKS[priority] },
      definition: definitionText(definition),
      status: 'pending',
      done: 0,
      attempts: 0,
      fence: 0,
      linkRevision: 0,
      createdAt: now,
      ...(key === undefined ? {} : { key }),
    };
    try {
      await this.collection.insertOne(document);
      return toJob(document);
    } catch (error) {
      const known = key === undefined ? undefined : await this.findByKey(scope, key);
      if (isDuplicateKey(error) && known) return known;
      throw error;
    }
  }

  async find(scope: Scope, jobId: string): Promise<ExportJob | undefined> {
    if (!isId(jobId)) return undefined;
    const found = await this.collection.findOne({ ...visible(scope), _id: new Types.ObjectId(jobId) });
    return found ? toJob(found) : undefined;
  }

  async findByKey(scope: Scope, key: string): Promise<ExportJob | undefined> {
    const found = await this.collection.findOne({ ...visible(scope), key });
    return found ? toJob(found) : undefined;
  }

  /** Newest first. */
  async list(
    scope: Scope,
    { statuses, owner, reader }: JobFilter,
    limit: number,
    cursor?: string,
  ): Promise<Page<ExportJob>> {
    const conditions: Filter[] = [
      visible(scope),
      ...(statuses && statuses.length > 0 ? [{ status: { $in: [...statuses] } }] : []),
      ...(owner === undefined ? [] : [{ 'owner.subject': owner }]),
      ...(reader === undefined ? [] : [{ $or: [{ private: { $ne: true } }, { 'owner.subject': reader }] }]),
      ...(cursor === undefined ? [] : [after(cursor)]),
    ];
    const found = await this.collection
      .find({ $and: conditions })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    const nextCursor = more ? encodeCursor([last.createdAt.getTime(), last._id.toHexString()]) : null;
    return { items: items.map(toJob), nextCursor };
  }

  async usage(scope: Scope): Promise<Usage> {
    const o = scope.organization;
    const open = await this.collection.countDocuments({ o, status: { $in: [...OPEN] } });
    const [sum] = await this.collection
      .aggregate<{
        bytes: number;
      }>([{ $match: { o, status: 'completed' } }, { $group: { _id: null, bytes: { $sum: '$file.length' } } }])
      .toArray();
    return { open, bytes: sum?.bytes ?? 0 };
  }

  /** Ends what is not over yet; whoever works on it notices that its lease is gone. undefined: it was over already. */
  cancel(scope: Scope, jobId: string, now: Date, expiresAt: Date): Promise<ExportJob | undefined> {
    const update: Update = { $set: { status: 'cancelled', finishedAt: now, expiresAt }, $unset: { lease: 1 } };
    return this.change(scope, jobId, { status: { $in: [...OPEN] } }, update);
  }

  /** Makes one that is over and has no file begin anew, at the newest data. undefined: it is of another status. */
  retry(scope: Scope, jobId: string): Promise<ExportJob | undefined> {
    const update: Update = {
      $set: { status: 'pending', done: 0, attempts: 0 },
      $unset: {
        ...{ total: 1, asOf: 1, error: 1, file: 1, startedAt: 1, finishedAt: 1, expiresAt: 1 },
        ...{ hintedAt: 1, notBefore: 1, lease: 1 },
      },
    };
    return this.change(scope, jobId, { status: { $in: ['failed', 'cancelled', 'expired'] } }, update);
  }

  /** Voids every link handed out so far. */
  revokeLinks(scope: Scope, jobId: string): Promise<ExportJob | undefined> {
    return this.change(scope, jobId, {}, { $inc: { linkRevision: 1 } });
  }

  async remove(scope: Scope, jobId: string): Promise<ExportJob | undefined> {
    const found = await this.collection.findOneAndDelete({ ...visible(scope), _id: new Types.ObjectId(jobId) });
    return found ? toJob(found) : undefined;
  }

  private async change(scope: Scope, jobId: string, from: Filter, update: Update): Promise<ExportJob | undefined> {
    if (!isId(jobId)) return undefined;
    const filter: Filter = { $and: [visible(scope), { _id: new Types.ObjectId(jobId) }, from] };
    const changed = await this.collection.findOneAndUpdate(filter, update, { returnDocument: 'after' });
    return changed ? toJob(changed) : undefined;
  }
}

const after = (cursor: string): Filter => {
  const [time, id] = decodeCursor(cursor, 2);
  const createdAt = new Date(typeof time === 'number' ? time : Number.NaN);
  if (Number.isNaN(createdAt.getTime()) || typeof id !== 'string' || !isId(id))
    throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
      { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
    ]);
  return { $or: [{ createdAt: { $lt: createdAt } }, { createdAt, _id: { $lt: new Types.ObjectId(id) } }] };
};
