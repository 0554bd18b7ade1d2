import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type mongo, Types } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import type { ChannelKind } from '../domain/channel.js';
import type { Attempt, DeliveryState, LeasedDelivery } from '../domain/delivery.js';
import { toDelivery } from './delivery-mapping.js';
import { DELIVERY, type DeliveryDocument } from './notification.schemas.js';

const ATTEMPTS_KEPT = 30;

export interface Candidate {
  readonly id: Types.ObjectId;
  readonly endpoint: string;
  readonly channelKind?: ChannelKind;
}

/** How an attempt is written down. */
export interface AttemptRecord {
  readonly state: DeliveryState;
  readonly attempt?: Attempt;
  readonly reason?: string;
  /** Of the next attempt; with state `pending` only. */
  readonly due?: Date;
}

/** The outbox as its dispatchers see it, over all organizations. */
@Injectable()
export class DeliveryQueueRepository {
  /** For what is done with each delivery: without mongoose's documents. */
  private readonly collection: mongo.Collection<DeliveryDocument>;

  constructor(@InjectModel(DELIVERY) private readonly model: Model<DeliveryDocument>) {
    this.collection = nativeCollection(model);
  }

  /** What is due, the longest due first, without the endpoints that take nothing now. */
  async due(now: Date, without: readonly string[], limit: number): Promise<Candidate[]> {
    const found = await this.collection
      .find({ state: 'pending', due: { $lte: now }, ...(without.length > 0 && { endpoint: { $nin: [...without] } }) })
      .project<Pick<DeliveryDocument, '_id' | 'endpoint' | 'ck'>>({ endpoint: 1, ck: 1 })
      .sort({ due: 1 })
      .limit(limit)
      .toArray();
    return found.map(({ _id, endpoint, ck }) => ({ id: _id, endpoint, ...(ck && { channelKind: ck }) }));
  }

  /** Those of them that nobody else took meanwhile. Until the lease ends only its fence may record anything. */
  async claim(ids: readonly Types.ObjectId[], now: Date, until: Date): Promise<LeasedDelivery[]> {
    const lease = randomUUID();
    const { modifiedCount } = await this.collection.updateMany(
      { _id: { $in: [...ids] }, state: 'pending', due: { $lte: now } },
      { $set: { state: 'sending', lease, leaseUntil: until }, $unset: { due: true }, $inc: { fence: 1 } },
    );
    if (modifiedCount === 0) return [];
    const found = await this.collection.find({ lease }).toArray();
    return found.map((document) => ({ ...toDelivery(document), fence: document.fence, endpoint: document.endpoint }));
  }

  /** false where the lease was lost to another process, which sends it again. */
  async record({ deliveryId, fence }: LeasedDelivery, record: AttemptRecord, now: Date): Promise<boolean> {
    const { state, attempt, reason, due } = record;
    const update: mongo.UpdateFilter<DeliveryDocument> = {
      $set: {
        state,
        ...(reason !== undefined && { reason }),
        ...(due ? { due } : { finishedAt: now }),
      },
      $unset: { lease: true, leaseUntil: true },
      ...(attempt && {
        $push: { attempts: { $each: [attempt], $slice: -ATTEMPTS_KEPT } },
        $inc: { attemptCount: 1, round: 1 },
      }),
    };
    const held = { _id: new Types.ObjectId(deliveryId), state: 'sending' as const, fence };
    const { matchedCount } = await this.collection.updateOne(held, update);
    return matchedCount > 0;
  }

  /** Hands back what processes held that are gone. What they did is not known: it is due at once, under its id. */
  async expire(now: Date): Promise<number> {
    const lost: Omit<Attempt, 'at'> = {
      latencyMs: 0,
      outcome: 'unknown',
      error: { code: 'worker_lost', detail: 'The worker ended before it could say what came of it' },
      nextAttemptAt: now,
    };
    const { modifiedCount } = await this.model.updateMany(
      { state: 'sending', leaseUntil: { $lt: now } },
      {
        $set: { state: 'pending', due: now },
        $unset: { lease: true, leaseUntil: true },
        $push: { attempts: { $each: [{ ...lost, at: now }], $slice: -ATTEMPTS_KEPT } },
        // a message that ends its worker each time is given up like any other
        $inc: { attemptCount: 1, round: 1 },
      },
    );
    return modifiedCount;
  }

  /** Messages held for one mail, oldest first. */
  async heldFor(digestId: string): Promise<LeasedDelivery[]> {
    const found = await this.model
      .find({ digest: new Types.ObjectId(digestId), state: 'pending' })
      .sort({ _id: 1 })
      .limit(1_000)
      .lean<DeliveryDocument[]>();
    return found.map((document) => ({ ...toDelivery(document), fence: document.fence, endpoint: document.endpoint }));
  }

  /** What became of the mail became of the messages in it. */
  async settleHeld(ids: readonly string[], state: DeliveryState, attempt: Attempt, now: Date): Promise<void> {
    await this.model.updateMany(
      { _id: { $in: ids.map((id) => new Types.ObjectId(id)) }, state: 'pending' },
      { $set: { state, finishedAt: now }, $push: { attempts: attempt }, $inc: { attemptCount: 1 } },
    );
  }

  /** Held messages whose mail has gone without them, or for good: each goes by itself. */
  async releaseStranded(before: Date, now: Date): Promise<number> {
    const held = await this.model
      .find({ state: 'pending', digest: { $exists: true }, heldUntil: { $lt: before } })
      .select({ digest: 1 })
      .limit(500)
      .lean<Pick<DeliveryDocument, '_id' | 'digest'>[]>();
    if (held.length === 0) return 0;
    const digests = held.map(({ digest }) => digest!);
    const [waiting, dead] = await Promise.all([
      this.model.distinct('_id', { _id: { $in: digests }, state: { $in: ['pending', 'sending'] } }),
      this.model.distinct('_id', { _id: { $in: digests }, state: 'failed' }),
    ]);
    const idsOf = (states: ReadonlySet<string>, wanted: boolean): Types.ObjectId[] =>
      held.filter(({ digest }) => states.has(String(digest)) === wanted).map(({ _id }) => _id);
    const failed = idsOf(new Set(dead.map(String)), true);
    const stranded = idsOf(new Set([...waiting, ...dead].map(String)), false);
    const reason = 'The mail that it was held for failed';
    await this.model.updateMany(
      { _id: { $in: failed }, state: 'pending' },
      { $set: { state: 'failed', reason, finishedAt: now } },
    );
    const { modifiedCount } = await this.model.updateMany(
      { _id: { $in: stranded }, state: 'pending' },
      { $set: { due: now }, $unset: { digest: true } },
    );
    return modifiedCount;
  }
}
