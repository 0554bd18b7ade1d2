import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { isDuplicateKey, nativeCollection } from '../../common/index.js';
import { DEMO_LOAD, type DemoLoadDocument } from './demo-load.schema.js';

const ID = 'demo';
/** Any document in one of these, of whatever organization, and the database is not ours to fill. */
const TELLTALE = ['projects', 'runs'];

export type DemoLoad = Omit<DemoLoadDocument, '_id'>;

export interface DemoPlan {
  readonly seed: number;
  readonly days: number;
  readonly now: Date;
}

/** The claim on loading the demo: one process at a time, and only into a database that was empty when the first came. */
@Injectable()
export class DemoLoadsRepository {
  private readonly collection: mongo.Collection<DemoLoadDocument>;

  constructor(@InjectModel(DEMO_LOAD) private readonly model: Model<DemoLoadDocument>) {
    this.collection = nativeCollection(model);
  }

  async find(): Promise<DemoLoad | undefined> {
    return (await this.collection.findOne({ _id: ID })) ?? undefined;
  }

  async isDatabaseEmpty(): Promise<boolean> {
    for (const name of TELLTALE)
      if ((await this.model.db.collection(name).findOne({}, { projection: { _id: 1 } })) !== null) return false;
    return true;
  }

  /** Takes up a load that nobody began; false where another process was quicker. */
  async begin(plan: DemoPlan, owner: string, until: Date): Promise<boolean> {
    try {
      await this.collection.insertOne({ _id: ID, state: 'loading', ...plan, done: 0, owner, until });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** Takes over a load whose process is gone; undefined while that one lives, or when there is nothing left to do. */
  async takeOver(owner: string, now: Date, until: Date): Promise<DemoLoad | undefined> {
    const found = await this.collection.findOneAndUpdate(
      { _id: ID, state: 'loading', until: { $lte: now } },
      { $set: { owner, until } },
      { returnDocument: 'after' },
    );
    return found ?? undefined;
  }

  /** Keeps the claim and notes how far it is; false when the claim was lost. */
  async advance(owner: string, done: number, until: Date): Promise<boolean> {
    const { matchedCount } = await this.collection.updateOne(
      { _id: ID, state: 'loading', owner },
      { $set: { until }, $max: { done } },
    );
    return matchedCount === 1;
  }

  /** False when the claim was lost: somebody else does the rest. */
  async finish(owner: string): Promise<boolean> {
    const { matchedCount } = await this.collection.updateOne(
      { _id: ID, owner, state: 'loading' },
      { $set: { state: 'loaded' } },
    );
    return matchedCount === 1;
  }

  /** From now on no start loads the demo again. */
  async markRemoved(plan: DemoPlan): Promise<void> {
    await this.collection.updateOne(
      { _id: ID },
      { $set: { state: 'removed' }, $setOnInsert: { ...plan, done: 0, owner: '', until: plan.now } },
      { upsert: true },
    );
  }
}
