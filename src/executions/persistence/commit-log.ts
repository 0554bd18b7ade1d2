import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { isDuplicateKey, nativeCollection, noteWrite } from '../../common/index.js';
import type { Commit } from '../domain/model.js';
import { COMMIT, type CommitDocument } from './commit.schema.js';

/** Entries of one page of `tail`. */
export const TAIL_LIMIT = 5000;

/**
 * The log of everything that changed what reports say. A position is claimed by inserting it, so positions are gapless
 * and become visible in order: a reader that sees n sees everything up to n.
 */
@Injectable()
export class CommitLog {
  private readonly collection: mongo.Collection<CommitDocument>;

  constructor(@InjectModel(COMMIT) model: Model<CommitDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Appends an entry and answers its position. */
  async append(entry: Omit<Commit, 'position'>): Promise<number> {
    for (;;) {
      const position = (await this.last()) + 1;
      try {
        await this.collection.insertOne({ _id: position, ...toDocument(entry) });
        noteWrite();
        return position;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
  }

  /** The newest position of all; 0 for an empty log. */
  async last(): Promise<number> {
    const [newest] = await this.collection
      .find({}, { projection: { _id: 1 } })
      .sort({ _id: -1 })
      .limit(1)
      .toArray();
    return newest?._id ?? 0;
  }

  /** The first position that is not in the log although a later one is; undefined when the log is whole. */
  async firstGap(): Promise<number | undefined> {
    let expected = 1;
    for await (const { _id: position } of this.collection.find({}, { projection: { _id: 1 }, sort: { _id: 1 } })) {
      if (position !== expected) return expected;
      expected++;
    }
    return undefined;
  }

  /** Entries of every organization after a position, in order, at most 5,000: for the read model's index only. */
  async tail(position: number): Promise<Commit[]> {
    const found = await this.collection
      .find({ _id: { $gt: position } })
      .sort({ _id: 1 })
      .limit(TAIL_LIMIT)
      .toArray();
    return found.map(toCommit);
  }

  /** The newest entry of a project up to a position. */
  async lastOf(projectId: string, position: number): Promise<Commit | undefined> {
    const filter = { p: new Types.ObjectId(projectId), _id: { $lte: position } };
    const [newest] = await this.collection.find(filter).sort({ _id: -1 }).limit(1).toArray();
    return newest && toCommit(newest);
  }

  /**
   * What has changed in some projects after a position, oldest first.
   * @param days of all changes only those that touched one of these UTC days, both included
   */
  async since(
    projectIds: readonly string[],
    position: number,
    kinds: readonly Commit['kind'][],
    [first, last]: readonly [first: number, last: number],
  ): Promise<Commit[]> {
    const p = { $in: projectIds.map((id) => new Types.ObjectId(id)) };
    const days = { $elemMatch: { $gte: first, $lte: last } };
    const found = await this.collection
      .find({ p, _id: { $gt: position }, kind: { $in: [...kinds] }, days })
      .sort({ _id: 1 })
      .toArray();
    return found.map(toCommit);
  }

  /** The generation each run had at a position; runs that had none yet are left out. */
  async generationsAt(runIds: readonly string[], position: number): Promise<Map<string, number>> {
    if (runIds.length === 0) return new Map();
    const filter = { r: { $in: [...runIds] }, _id: { $lte: position }, kind: 'results' as const };
    const found = await this.collection.find(filter, { projection: { r: 1, g: 1 } }).toArray();
    const generations = new Map<string, number>();
    for (const { r = '', g = 0 } of found) generations.set(r, Math.max(g, generations.get(r) ?? 0));
    return generations;
  }

  /** Those of the runs that were deleted at a position. */
  async deletedAt(runIds: readonly string[], position: number): Promise<Set<string>> {
    if (runIds.length === 0) return new Set();
    const filter = { r: { $in: [...runIds] }, _id: { $lte: position }, kind: 'deleted' as const };
    const found = await this.collection.find(filter, { projection: { r: 1 } }).toArray();
    return new Set(found.map(({ r = '' }) => r));
  }
}

const toDocument = (entry: Omit<Commit, 'position'>): Omit<CommitDocument, '_id'> => ({
  o: entry.organization,
  p: new Types.ObjectId(entry.projectId),
  kind: entry.kind,
  ...(entry.runId === undefined ? {} : { r: entry.runId }),
  ...(entry.generation === undefined ? {} : { g: entry.generation }),
  days: [...entry.days],
  at: entry.at,
});

const toCommit = (document: CommitDocument): Commit => ({
  position: document._id,
  organization: document.o,
  projectId: document.p.toHexString(),
  kind: document.kind,
  runId: document.r,
  generation: document.g,
  days: document.days,
  at: document.at,
});
