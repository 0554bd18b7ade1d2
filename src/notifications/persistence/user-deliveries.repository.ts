import { Injectable } from '@nestjs/common';
import { InjectConnection, InjectModel } from '@nestjs/mongoose';
import { type ClientSession, type Connection, type Model, Types } from 'mongoose';
import type { Delivery } from '../domain/delivery.js';
import { DIGEST_KIND } from '../domain/digest.js';
import { DELIVERY, type DeliveryDocument } from './notification.schemas.js';

/** Mails to single users, made from a message to an inbox. */
@Injectable()
export class UserDeliveriesRepository {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    @InjectModel(DELIVERY) private readonly model: Model<DeliveryDocument>,
  ) {}

  /** Runs in a transaction; it is run again where another transaction came in between. */
  async transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    return this.connection.withSession((session) => session.withTransaction(() => work(session)));
  }

  /** One mail per message and user, however often it is asked for. */
  async mail(
    parent: Delivery,
    user: string,
    heldUntil: Date | undefined,
    now: Date,
    session: ClientSession,
  ): Promise<void> {
    const digest = heldUntil && (await this.digest(parent.organization, user, heldUntil, now, session));
    const row: Omit<DeliveryDocument, '_id'> = {
      ...mailRow(parent.organization, user, now),
      pk: [...parent.projects],
      ...(parent.wide && { wide: parent.wide }),
      key: `${parent.deliveryId}:${user}:email`,
      kind: parent.kind,
      severity: parent.severity,
      payload: JSON.stringify(parent.payload),
      ...(digest ? { digest, heldUntil } : { due: now }),
    };
    await this.upsert(row, session);
  }

  /** The one mail of all that is held until then. */
  private async digest(
    organization: string,
    user: string,
    at: Date,
    now: Date,
    session: ClientSession,
  ): Promise<Types.ObjectId> {
    const key = `digest:${user}:${at.toISOString()}`;
    const row: Omit<DeliveryDocument, '_id'> = {
      ...mailRow(organization, user, now),
      ...{ pk: [], key, kind: DIGEST_KIND, severity: 'medium', payload: '{}', due: at },
    };
    await this.upsert(row, session);
    const found = await this.model.findOne({ o: organization, key }, { _id: 1 }, { session }).lean<DeliveryDocument>();
    return found!._id;
  }

  private async upsert(row: Omit<DeliveryDocument, '_id'>, session: ClientSession): Promise<void> {
    await this.model.updateOne({ o: row.o, key: row.key }, { $setOnInsert: row }, { upsert: true, session });
  }
}

const mailRow = (organization: string, user: string, now: Date) => ({
  ...{ o: organization, user, ck: 'email' as const, endpoint: 'mail', state: 'pending' as const },
  ...{ attempts: [], attemptCount: 0, round: 0, fence: 0, createdAt: now },
});
