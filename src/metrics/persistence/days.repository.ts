import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import { DAY, type DayDocument } from './schemas.js';

export interface DayState {
  readonly day: number;
  /** Moves with every change of the day. */
  readonly version: number;
  /** The version whose sealed documents are written; 0 for none. */
  readonly sealed: number;
}

export interface DirtyDay extends DayState {
  readonly organization: string;
  readonly projectId: string;
  readonly changedAt: Date;
}

/** Few, so that what is read ahead is not out of date by the time it is sealed. */
const DIRTY_BATCH = 32;

const keyOf = (projectId: string, day: number): string => `${projectId}:${day}`;

@Injectable()
export class DaysRepository {
  private readonly collection: mongo.Collection<DayDocument>;

  constructor(@InjectModel(DAY) model: Model<DayDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Moves the version of each day on. Called after the run summary is written and before its commit is appended. */
  async touch(organization: string, projectId: string, days: readonly number[], now: Date): Promise<void> {
    if (days.length === 0) return;
    const p = new Types.ObjectId(projectId);
    await this.collection.bulkWrite(
      days.map((day) => ({
        updateOne: {
          filter: { _id: keyOf(projectId, day) },
          update: {
            $inc: { v: 1 },
            $set: { dirty: true as const, changedAt: now },
            $setOnInsert: { o: organization, p, d: day, sv: 0 },
          },
          upsert: true,
        },
      })),
      { ordered: false },
    );
  }

  async find(projectId: string, days?: readonly number[]): Promise<DayState[]> {
    const filter = { p: new Types.ObjectId(projectId), ...(days ? { d: { $in: [...days] } } : {}) };
    const found = await this.collection.find(filter, { projection: { d: 1, v: 1, sv: 1 } }).toArray();
    return found.map(toState);
  }

  /**
   * Days whose sealed form is behind, longest unchanged first, one by one: those that cannot be sealed do not hide the rest.
   * @param before only those that have not changed since
   */
  async *dirty(before?: Date): AsyncGenerator<DirtyDay> {
    const filter = { dirty: true as const, ...(before ? { changedAt: { $lt: before } } : {}) };
    for await (const document of this.collection.find(filter, { sort: { changedAt: 1 }, batchSize: DIRTY_BATCH }))
      yield {
        ...toState(document),
        organization: document.o,
        projectId: document.p.toHexString(),
        changedAt: document.changedAt,
      };
  }

  countDirty(): Promise<number> {
    return this.collection.countDocuments({ dirty: true });
  }

  /** Records that the sealed documents of `version` are written; the day stays dirty if it has moved on meanwhile. */
  async markSealed(projectId: string, day: number, version: number): Promise<void> {
    const filter = { _id: keyOf(projectId, day), sv: { $lt: version } };
    await this.collection.updateOne(filter, { $set: { sv: version } });
    await this.collection.updateOne({ _id: filter._id, v: version, sv: version }, { $unset: { dirty: '' } });
  }
}

const toState = (document: Pick<DayDocument, 'd' | 'v' | 'sv'>): DayState => ({
  day: document.d,
  version: document.v,
  sealed: document.sv,
});
