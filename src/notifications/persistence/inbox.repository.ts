import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type ClientSession, type Model, type QueryFilter, Types } from 'mongoose';
import { decodeCursor, encodeCursor, invalid, type Page, type Scope } from '../../common/index.js';
import type { InboxMessage } from '../domain/inbox.js';
import { isId } from './channels.repository.js';
import { INBOX, type InboxDocument } from './user.schemas.js';
import { visible } from './visible.js';

export type NewInboxMessage = Omit<InboxMessage, 'messageId' | 'readAt'> & { readonly deliveryId: string };

/** Inboxes; each method is bound to one user of one organization. */
@Injectable()
export class InboxRepository {
  constructor(@InjectModel(INBOX) private readonly model: Model<InboxDocument>) {}

  /** The message, and whether it is new; the same delivery comes once. */
  async insert(
    { organization }: Scope,
    user: string,
    message: NewInboxMessage,
    session: ClientSession,
  ): Promise<{ readonly message: InboxMessage; readonly added: boolean }> {
    const { deliveryId, projects, wide, ...rest } = message;
    const key = { o: organization, user, delivery: new Types.ObjectId(deliveryId) };
    const before = await this.model.findOne(key, undefined, { session }).lean<InboxDocument>();
    if (before) return { message: toMessage(before), added: false };
    const document = { ...key, ...rest, pk: [...projects], ...(wide && { wide }), readAt: null };
    const [created] = await this.model.create([document], { session });
    return { message: toMessage(created!.toObject()), added: true };
  }

  /** Newest first. */
  async list(scope: Scope, user: string, unread: boolean, limit: number, cursor?: string): Promise<Page<InboxMessage>> {
    const found = await this.model
      .find({
        ...within(scope, user),
        ...(unread && { readAt: null }),
        ...(cursor !== undefined && { _id: { $lt: idOf(cursor) } }),
      })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .lean<InboxDocument[]>();
    const items = found.slice(0, limit).map(toMessage);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodeCursor([last.messageId]) : null };
  }

  unread(scope: Scope, user: string): Promise<number> {
    return this.model.countDocuments({ ...within(scope, user), readAt: null });
  }

  /** undefined where there is none. @param readAt null: it is unread again */
  async mark(scope: Scope, user: string, messageId: string, readAt: Date | null): Promise<InboxMessage | undefined> {
    if (!isId(messageId)) return undefined;
    const found = await this.model
      .findOneAndUpdate({ ...within(scope, user), _id: messageId }, { $set: { readAt } }, { returnDocument: 'after' })
      .lean<InboxDocument>();
    return found ? toMessage(found) : undefined;
  }

  /** @returns how many were unread */
  async markAll(scope: Scope, user: string, readAt: Date): Promise<number> {
    const update = { $set: { readAt } };
    return (await this.model.updateMany({ ...within(scope, user), readAt: null }, update)).modifiedCount;
  }

  async remove(scope: Scope, user: string, messageId: string): Promise<boolean> {
    if (!isId(messageId)) return false;
    return (await this.model.deleteOne({ ...within(scope, user), _id: messageId })).deletedCount > 0;
  }
}

/** What the user may no longer see, since the token is confined to other projects, is not shown. */
const within = (scope: Scope, user: string): QueryFilter<InboxDocument> => ({
  o: scope.organization,
  user,
  ...visible(scope),
});

export const idOf = (cursor: string): Types.ObjectId => {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isId(id)) return new Types.ObjectId(id);
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};

const toMessage = (document: InboxDocument): InboxMessage => {
  const { _id, kind, severity, title, body, href, pk, wide = false, createdAt, readAt } = document;
  return {
    messageId: _id.toHexString(),
    ...{ kind, severity, title, body, projects: pk, wide, createdAt, readAt },
    ...(href !== undefined && { href }),
  };
};
