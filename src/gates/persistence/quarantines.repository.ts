import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type QueryFilter } from 'mongoose';
import { decodeCursor, encodeCursor, invalid, isDuplicateKey, type Page, type Scope } from '../../common/index.js';
import type { EndReason, Quarantine } from '../domain/quarantine.js';
import { QUARANTINE, type QuarantineDocument } from './gate.schemas.js';
import { within } from './within.js';

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

export type NewQuarantine = Omit<Quarantine, 'quarantineId' | 'endedAt' | 'endReason' | 'endedBy'>;

export interface QuarantineFilter {
  readonly project?: string;
  readonly testId?: string;
  /** active: not ended and not expired; ended: the rest. */
  readonly state?: 'active' | 'ended';
}

@Injectable()
export class QuarantinesRepository {
  constructor(@InjectModel(QUARANTINE) private readonly model: Model<QuarantineDocument>) {}

  /** undefined where the test is in quarantine already. */
  async insert(scope: Scope, entry: NewQuarantine): Promise<Quarantine | undefined> {
    const { projectId, projectKey, testId, number, parameters, ...rest } = entry;
    try {
      const created = await this.model.create({
        ...rest,
        o: scope.organization,
        p: new Types.ObjectId(projectId),
        pk: projectKey,
        t: testId,
        no: number,
        ...(parameters && { parameters: Object.entries(parameters).map(([k, v]) => ({ k, v })) }),
        active: true,
      });
      return toQuarantine(created.toObject());
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  async find(scope: Scope, quarantineId: string): Promise<Quarantine | undefined> {
    if (!isId(quarantineId)) return undefined;
    const found = await this.model.findOne({ ...within(scope), _id: quarantineId }).lean<QuarantineDocument>();
    return found ? toQuarantine(found) : undefined;
  }

  /** Newest first. */
  async list(
    scope: Scope,
    filter: QuarantineFilter,
    now: Date,
    limit: number,
    cursor?: string,
  ): Promise<Page<Quarantine>> {
    const before = cursor === undefined ? [] : [{ _id: { $lt: idOf(cursor) } }];
    const found = await this.model
      .find({ $and: [within(scope), ...conditions(filter, now), ...before] })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<QuarantineDocument[]>();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last ? encodeCursor([last._id.toHexString()]) : null;
    return { items: items.map(toQuarantine), nextCursor };
  }

  /** Those in force, by suite and name. */
  async active(scope: Scope, projectIds: readonly string[], now: Date): Promise<Quarantine[]> {
    const p = { $in: projectIds.map((id) => new Types.ObjectId(id)) };
    const found = await this.model
      .find({ ...within(scope), p, active: true, expiresAt: { $gt: now } })
      .sort({ suite: 1, name: 1, _id: 1 })
      .lean<QuarantineDocument[]>();
    return found.map(toQuarantine);
  }

  /** Ends one, whoever asked first; undefined where it had ended. */
  async end(
    scope: Scope,
    quarantineId: string,
    end: { readonly at: Date; readonly reason: EndReason; readonly by: string },
  ): Promise<Quarantine | undefined> {
    if (!isId(quarantineId)) return undefined;
    const update = { active: false, endedAt: end.at, endReason: end.reason, endedBy: end.by };
    const found = await this.model
      .findOneAndUpdate(
        { ...within(scope), _id: quarantineId, active: true },
        { $set: update },
        { returnDocument: 'after' },
      )
      .lean<QuarantineDocument>();
    return found ? toQuarantine(found) : undefined;
  }

  /** When each test of a project was last let out, in epoch ms. */
  async lastEnds(scope: Scope, projectId: string): Promise<Map<number, number>> {
    const filter = { ...within(scope), p: new Types.ObjectId(projectId), active: false };
    const found = await this.model
      .find(filter, { no: 1, endedAt: 1 })
      .lean<Pick<QuarantineDocument, 'no' | 'endedAt'>[]>();
    const ends = new Map<number, number>();
    for (const { no, endedAt } of found)
      ends.set(no, Math.max(ends.get(no) ?? -Infinity, endedAt?.getTime() ?? -Infinity));
    return ends;
  }

  /** Past their time and not ended yet, of every organization: for the sweep only. */
  async overdue(now: Date, limit: number): Promise<(Quarantine & { readonly organization: string })[]> {
    const found = await this.model
      .find({ active: true, expiresAt: { $lte: now } })
      .limit(limit)
      .lean<QuarantineDocument[]>();
    return found.map((document) => ({ ...toQuarantine(document), organization: document.o }));
  }

  /** Projects of every organization that have a test in quarantine: for the sweep only. */
  async projectsWithActive(): Promise<{ readonly organization: string; readonly projectId: string }[]> {
    const found = await this.model.aggregate<{ _id: { o: string; p: Types.ObjectId } }>([
      { $match: { active: true } },
      { $group: { _id: { o: '$o', p: '$p' } } },
    ]);
    return found.map(({ _id }) => ({ organization: _id.o, projectId: _id.p.toHexString() }));
  }
}

const conditions = ({ project, testId, state }: QuarantineFilter, now: Date): QueryFilter<QuarantineDocument>[] => [
  ...(project === undefined ? [] : [{ pk: project }]),
  ...(testId === undefined ? [] : [{ t: testId }]),
  ...(state === 'active' ? [{ active: true, expiresAt: { $gt: now } }] : []),
  ...(state === 'ended' ? [{ $or: [{ active: false }, { expiresAt: { $lte: now } }] }] : []),
];

const idOf = (cursor: string): Types.ObjectId => {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isId(id)) return new Types.ObjectId(id);
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};

const toQuarantine = (document: QuarantineDocument): Quarantine => {
  const { _id, p, pk, t, no, suite, name, file, parameters, endedAt, endReason, endedBy } = document;
  const { reason, owner, origin, createdBy, createdAt, expiresAt } = document;
  return {
    quarantineId: _id.toHexString(),
    projectId: p.toHexString(),
    projectKey: pk,
    testId: t,
    number: no,
    suite,
    name,
    ...(file !== undefined && { file }),
    ...(parameters && { parameters: Object.fromEntries(parameters.map(({ k, v }) => [k, v])) }),
    ...{ reason, owner, origin, createdBy, createdAt, expiresAt },
    ...(endedAt && { endedAt }),
    ...(endReason && { endReason }),
    ...(endedBy !== undefined && { endedBy }),
  };
};
