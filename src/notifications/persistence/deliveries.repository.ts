import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import { encodeCursor, type Page, type Scope } from '../../common/index.js';
import type { Channel, ChannelKind } from '../domain/channel.js';
import { DEAD, type Delivery, type DeliveryState, type LeasedDelivery, REPLAYABLE } from '../domain/delivery.js';
import { isId } from './channels.repository.js';
import { toDelivery } from './delivery-mapping.js';
import { idOf } from './inbox.repository.js';
import { DELIVERY, type DeliveryDocument } from './notification.schemas.js';
import { visible } from './visible.js';

type Filter = QueryFilter<DeliveryDocument>;

export interface DeliveryFilter {
  readonly states?: readonly DeliveryState[];
  readonly channelId?: string;
  readonly channelKind?: ChannelKind;
  readonly kind?: string;
  readonly user?: string;
  readonly from?: Date;
  readonly to?: Date;
  /** Only what is about some project. */
  readonly aboutProjects?: boolean;
}

/** The delivery log, as callers of one organization see it. */
@Injectable()
export class DeliveriesRepository {
  constructor(@InjectModel(DELIVERY) private readonly model: Model<DeliveryDocument>) {}

  /** Newest first. */
  async list(scope: Scope, filter: DeliveryFilter, limit: number, cursor?: string): Promise<Page<Delivery>> {
    const before: Filter[] = cursor === undefined ? [] : [{ _id: { $lt: idOf(cursor) } }];
    const found = await this.model
      .find({ $and: [within(scope), ...conditions(filter), ...before] })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<DeliveryDocument[]>();
    const items = found.slice(0, limit).map(toDelivery);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodeCursor([last.deliveryId]) : null };
  }

  async count(scope: Scope, filter: DeliveryFilter): Promise<number> {
    return this.model.countDocuments({ $and: [within(scope), ...conditions(filter)] });
  }

  async find(scope: Scope, deliveryId: string): Promise<Delivery | undefined> {
    if (!isId(deliveryId)) return undefined;
    const found = await this.model.findOne({ ...within(scope), _id: deliveryId }).lean<DeliveryDocument>();
    return found ? toDelivery(found) : undefined;
  }

  /** Due again, with all its retries, under its id. undefined where it is not in a state to be sent again. */
  async replay(scope: Scope, deliveryId: string, now: Date): Promise<Delivery | undefined> {
    const id = new Types.ObjectId(deliveryId);
    const found = await this.model
      .findOneAndUpdate(
        { ...within(scope), _id: id, state: { $in: [...REPLAYABLE] } },
        { $set: { state: 'pending', due: now, round: 0 }, $unset: { finishedAt: true, reason: true, digest: true } },
        { returnDocument: 'after' },
      )
      .lean<DeliveryDocument>();
    if (!found) return undefined;
    await this.takeAlong([id]);
    return toDelivery(found);
  }

  /**
   * The same for up to `limit` of them, the oldest first. What was held for one mail goes with that mail again, where the
   * mail is dead itself: by itself it would come twice.
   * @returns how many are pending again, and whether there are more
   */
  async replayMany(
    scope: Scope,
    filter: DeliveryFilter,
    limit: number,
    now: Date,
  ): Promise<{ readonly replayed: number; readonly more: boolean }> {
    const found = await this.model
      .find({ $and: [within(scope), ...conditions(filter)] })
      .select({ digest: 1 })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .lean<Pick<DeliveryDocument, '_id' | 'digest'>[]>();
    const chosen = found.slice(0, limit);
    const mails = await this.deadMails(chosen.flatMap(({ digest }) => digest ?? []));
    const isHeld = ({ digest }: Pick<DeliveryDocument, 'digest'>): boolean => mails.has(String(digest));
    const ids = [...chosen.filter((one) => !isHeld(one)).map(({ _id }) => _id), ...mails.values()];
    const again = { state: 'pending', due: now, round: 0 } as const;
    const { modifiedCount } = await this.model.updateMany(
      { _id: { $in: ids }, state: { $in: [...REPLAYABLE] } },
      { $set: again, $unset: { finishedAt: true, reason: true, digest: true } },
    );
    const held = await this.takeAlong(ids);
    return { replayed: modifiedCount + held, more: found.length > limit };
  }

  /** undefined where it is not waiting any more. */
  async cancel(scope: Scope, deliveryId: string, reason: string, now: Date): Promise<Delivery | undefined> {
    const found = await this.model
      .findOneAndUpdate(
        { ...within(scope), _id: deliveryId, state: 'pending' },
        { $set: { state: 'cancelled', reason, finishedAt: now }, $unset: { due: true } },
        { returnDocument: 'after' },
      )
      .lean<DeliveryDocument>();
    return found ? toDelivery(found) : undefined;
  }

  /** A delivery that the caller makes itself, at once; it is leased from the start. */
  async begin(channel: Channel, kind: string, now: Date, leaseUntil: Date): Promise<LeasedDelivery> {
    const endpoint = channel.channelId;
    const row: Omit<DeliveryDocument, '_id'> = {
      ...{ o: channel.organization, pk: channel.project === undefined ? [] : [channel.project] },
      ...{ key: `${kind}:${randomUUID()}`, kind, severity: 'low', payload: '{}', ck: channel.kind, endpoint },
      channel: new Types.ObjectId(channel.channelId),
      ...{ state: 'sending', lease: randomUUID(), leaseUntil, fence: 1 },
      ...{ attempts: [], attemptCount: 0, round: 0, createdAt: now },
    };
    const created = await this.model.create(row);
    return { ...toDelivery(created.toObject()), fence: 1, endpoint };
  }

  /** A mail of held messages takes them along again. */
  private async takeAlong(mails: readonly Types.ObjectId[]): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(
      { digest: { $in: [...mails] }, state: 'failed' },
      { $set: { state: 'pending' }, $unset: { finishedAt: true, reason: true } },
    );
    return modifiedCount;
  }

  /** Those of the mails that were given up, by their id as text. */
  private async deadMails(ids: readonly Types.ObjectId[]): Promise<ReadonlyMap<string, Types.ObjectId>> {
    if (ids.length === 0) return new Map();
    const found = await this.model.distinct('_id', { _id: { $in: [...ids] }, state: { $in: [...DEAD] } });
    return new Map(found.map((id) => [String(id), id]));
  }
}

const within = (scope: Scope): Filter => ({ o: scope.organization, ...visible(scope) });

const conditions = ({
  states,
  channelId,
  channelKind,
  kind,
  user,
  from,
  to,
  aboutProjects,
}: DeliveryFilter): Filter[] => [
  ...(states && states.length > 0 ? [{ state: { $in: [...states] } }] : []),
  ...(channelId === undefined ? [] : [{ channel: new Types.ObjectId(channelId) }]),
  ...(channelKind === undefined ? [] : [{ ck: channelKind }]),
  ...(kind === undefined ? [] : [{ kind }]),
  ...(user === undefined ? [] : [{ user }]),
  ...(from === undefined ? [] : [{ createdAt: { $gte: from } }]),
  ...(to === undefined ? [] : [{ createdAt: { $lt: to } }]),
  ...(aboutProjects === true ? [{ 'pk.0': { $exists: true } }] : []),
];
