import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type mongo } from 'mongoose';
import { isDuplicateKey, nativeCollection } from '../../common/index.js';
import { FOLLOWER, type FollowerDocument } from './follower.schema.js';
import { isOwnerGone } from './lease-owner.js';

/** Positions of the consumers of the commit log: one process at a time works for a name. */
@Injectable()
export class FollowerPositions {
  private readonly collection: mongo.Collection<FollowerDocument>;

  constructor(@InjectModel(FOLLOWER) model: Model<FollowerDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Begins at a position the first time; a name that is known keeps its own. */
  async ensure(name: string, position: number): Promise<void> {
    try {
      await this.collection.updateOne({ _id: name }, { $setOnInsert: { position } }, { upsert: true });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** Takes or renews the lease. @returns the position to go on from; undefined while another process holds it */
  async claim(name: string, owner: string, now: Date, until: Date): Promise<number | undefined> {
    const current = await this.collection.findOne({ _id: name });
    if (!current) return undefined;
    const free =
      current.owner === undefined ||
      current.owner === owner ||
      (current.leaseUntil ?? now) <= now ||
      isOwnerGone(current.owner);
    if (!free) return undefined;
    const seen = current.owner === undefined ? { owner: { $exists: false } } : { owner: current.owner };
    const taken = await this.collection.findOneAndUpdate(
      { _id: name, ...seen, ...(current.leaseUntil ? { leaseUntil: current.leaseUntil } : {}) },
      { $set: { owner, leaseUntil: until } },
      { returnDocument: 'after' },
    );
    return taken?.position;
  }

  /** @returns false when the lease is somebody else's by now: what was done is done again by them */
  async advance(name: string, owner: string, position: number): Promise<boolean> {
    const { matchedCount } = await this.collection.updateOne({ _id: name, owner }, { $set: { position } });
    return matchedCount === 1;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.collection.updateOne({ _id: name, owner }, { $unset: { owner: '', leaseUntil: '' } });
  }
}
