import { Injectable } from '@nestjs/common';
import type { ClientSession } from 'mongoose';
import { Clock } from '../common/index.js';
import { DeliveryHints } from './delivery/delivery-hints.js';
import type { OutgoingMessage } from './domain/message.js';
import { OutboxRepository } from './persistence/outbox.repository.js';

/** Where features leave their messages, in the transaction that changes their state. */
@Injectable()
export class Outbox {
  private readonly hinted = new WeakSet<ClientSession>();

  constructor(
    private readonly rows: OutboxRepository,
    private readonly hints: DeliveryHints,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores messages to be delivered; one whose dedupe key is there already is left out. With a session they are stored
   * with the caller's transaction or not at all (two transactions with one key conflict, and the later is retried by
   * `withTransaction`).
   * @returns how many are new
   */
  async enqueue(messages: readonly OutgoingMessage[], session?: ClientSession): Promise<number> {
    if (messages.length === 0) return 0;
    const stored = await this.rows.insert(messages, this.clock.now(), session);
    // only a hint: the dispatcher looks by itself too. The transaction is visible once its session ends.
    if (!session) this.hints.wake();
    else if (!this.hinted.has(session)) {
      this.hinted.add(session);
      session.once('ended', () => this.hints.wake());
    }
    return stored;
  }

  /** Takes back what is not on its way yet, such as the steps of an escalation that was acknowledged. */
  cancel(
    organization: string,
    dedupeKeys: readonly string[],
    reason: string,
    session?: ClientSession,
  ): Promise<number> {
    return this.rows.cancel(organization, dedupeKeys, reason, this.clock.now(), session);
  }
}
