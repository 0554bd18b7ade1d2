import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { Clock, notFound, type Page } from '../common/index.js';
import type { InboxMessage } from './domain/inbox.js';
import { InboxEvents } from './inbox-events.js';
import { InboxRepository } from './persistence/inbox.repository.js';

/** The caller's own inbox. */
@Injectable()
export class InboxService {
  constructor(
    private readonly inbox: InboxRepository,
    private readonly events: InboxEvents,
    private readonly clock: Clock,
  ) {}

  /** A page, newest first, and how many are unread altogether. */
  async list(
    { scope, subject }: Principal,
    unreadOnly: boolean,
    limit: number,
    cursor?: string,
  ): Promise<Page<InboxMessage> & { readonly unread: number }> {
    const page = await this.inbox.list(scope, subject, unreadOnly, limit, cursor);
    return { ...page, unread: await this.inbox.unread(scope, subject) };
  }

  /** @throws DomainError 404 */
  async mark({ scope, subject }: Principal, messageId: string, read: boolean): Promise<InboxMessage> {
    const message = await this.inbox.mark(scope, subject, messageId, read ? this.clock.now() : null);
    if (!message) throw notFound('Message');
    await this.events.marked(scope, subject, message);
    return message;
  }

  /** @returns how many were unread */
  async markAll({ scope, subject }: Principal): Promise<number> {
    const readAt = this.clock.now();
    const marked = await this.inbox.markAll(scope, subject, readAt);
    await this.events.allRead(scope, subject, readAt);
    return marked;
  }

  /** @throws DomainError 404 */
  async remove({ scope, subject }: Principal, messageId: string): Promise<void> {
    if (!(await this.inbox.remove(scope, subject, messageId))) throw notFound('Message');
    await this.events.removed(scope, subject, messageId);
  }
}
