import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type AnyBulkWriteOperation, type ClientSession, type Model, Types } from 'mongoose';
import { systemScope } from '../../common/index.js';
import type { ChannelKind } from '../domain/channel.js';
import type { OutgoingMessage } from '../domain/message.js';
import { ChannelsRepository } from './channels.repository.js';
import { DELIVERY, type DeliveryDocument } from './notification.schemas.js';

/** How rows come into the outbox. */
@Injectable()
export class OutboxRepository {
  constructor(
    @InjectModel(DELIVERY) private readonly model: Model<DeliveryDocument>,
    private readonly channels: ChannelsRepository,
  ) {}

  /** An upsert each: a duplicate key would end the caller's transaction. @returns how many were not there */
  async insert(messages: readonly OutgoingMessage[], now: Date, session?: ClientSession): Promise<number> {
    const kinds = await this.kindsOf(messages, session);
    const writes = messages.map((message): AnyBulkWriteOperation<DeliveryDocument> => {
      const row = toRow(message, kinds.get(message.channelId ?? ''), now);
      return { updateOne: { filter: { o: row.o, key: row.key }, update: { $setOnInsert: row }, upsert: true } };
    });
    const { upsertedCount } = await this.model.bulkWrite(writes, { ordered: true, session });
    return upsertedCount;
  }

  async cancel(
    organization: string,
    keys: readonly string[],
    reason: string,
    now: Date,
    session?: ClientSession,
  ): Promise<number> {
    const { modifiedCount } = await this.model.updateMany(
      { o: organization, key: { $in: [...keys] }, state: 'pending' },
      { $set: { state: 'cancelled', reason, finishedAt: now }, $unset: { due: true } },
      { session },
    );
    return modifiedCount;
  }

  private async kindsOf(
    messages: readonly OutgoingMessage[],
    session?: ClientSession,
  ): Promise<Map<string, ChannelKind>> {
    const kinds = new Map<string, ChannelKind>();
    for (const organization of new Set(messages.map((message) => message.organization))) {
      const ids = new Set(messages.flatMap((one) => (one.organization === organization ? (one.channelId ?? []) : [])));
      const found = await this.channels.findMany(systemScope(organization), [...ids], session);
      for (const { channelId, kind } of found) kinds.set(channelId, kind);
    }
    return kinds;
  }
}

const toRow = (message: OutgoingMessage, kind: ChannelKind | undefined, now: Date): Omit<DeliveryDocument, '_id'> => {
  const { organization, dedupeKey, payload, severity = 'medium', projects = [], notBefore = now } = message;
  const { channelId, user, wide = false } = message;
  return {
    ...{ o: organization, pk: [...projects], key: dedupeKey, kind: message.kind, severity, state: 'pending' },
    payload: JSON.stringify(payload),
    ...(wide && { wide }),
    ...(channelId !== undefined && { channel: new Types.ObjectId(channelId) }),
    ...(user !== undefined && { user }),
    ...(kind && { ck: kind }),
    endpoint: channelId ?? `user:${user}`,
    due: notBefore > now ? notBefore : now,
    ...{ attempts: [], attemptCount: 0, round: 0, fence: 0, createdAt: now },
  };
};
