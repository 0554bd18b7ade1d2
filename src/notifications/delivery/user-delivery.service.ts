import { Injectable } from '@nestjs/common';
import { Clock, systemScope } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { type AttemptResult, type Delivery, type LeasedDelivery } from '../domain/delivery.js';
import { composeDigest } from '../domain/digest.js';
import type { InboxMessage } from '../domain/inbox.js';
import type { RenderedMessage } from '../domain/message.js';
import { route } from '../domain/preferences.js';
import { InboxEvents } from '../inbox-events.js';
import { DeliveryQueueRepository } from '../persistence/delivery-queue.repository.js';
import { InboxRepository } from '../persistence/inbox.repository.js';
import { PreferencesRepository } from '../persistence/preferences.repository.js';
import { UserDeliveriesRepository } from '../persistence/user-deliveries.repository.js';
import { EmailTransport } from '../transports/email.transport.js';
import { MessageMaker } from './message-maker.js';

const RENDERED = 100;

/** Brings messages to users, each the way the user prefers. */
@Injectable()
export class UserDelivery {
  constructor(
    private readonly preferences: PreferencesRepository,
    private readonly inbox: InboxRepository,
    private readonly deliveries: UserDeliveriesRepository,
    private readonly queue: DeliveryQueueRepository,
    private readonly maker: MessageMaker,
    private readonly email: EmailTransport,
    private readonly events: InboxEvents,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Puts a message into inboxes, and mails beside it, which are deliveries of their own. Repeating it adds nothing. */
  async toUsers(delivery: Delivery, message: RenderedMessage, users: readonly string[]): Promise<AttemptResult> {
    const scope = systemScope(delivery.organization);
    const now = this.clock.now();
    const preferences = await this.preferences.of(scope, users);
    const { deliveryId, kind, severity, projects, wide } = delivery;
    const entry = { deliveryId, kind, severity, projects, wide, ...message.inbox, createdAt: now };
    const added = await this.deliveries.transaction(async (session) => {
      const fresh: { readonly user: string; readonly message: InboxMessage }[] = [];
      for (const user of users) {
        const { inbox, email } = route(preferences.get(user)!, severity, now);
        const stored = inbox ? await this.inbox.insert(scope, user, entry, session) : undefined;
        if (stored?.added) fresh.push({ user, message: stored.message });
        if (email === 'off') continue;
        await this.deliveries.mail(delivery, user, email === 'now' ? undefined : email.heldUntil, now, session);
      }
      return fresh;
    });
    await this.events.added(scope, added);
    return { result: 'delivered' };
  }

  /** A mail to one user, at the address that the user has now. */
  async mail(delivery: Delivery, message: RenderedMessage, signal: AbortSignal): Promise<AttemptResult> {
    const to = await this.addressOf(delivery);
    if (to === undefined) return noAddress;
    return this.email.mail({ deliveryId: delivery.deliveryId, message, to: [to], signal });
  }

  /** One mail for everything that was held for it. */
  async digest(delivery: LeasedDelivery, signal: AbortSignal): Promise<AttemptResult> {
    const held = await this.queue.heldFor(delivery.deliveryId);
    const messages: RenderedMessage[] = [];
    for (const one of held.slice(0, RENDERED)) {
      const message = await this.maker.make(one);
      if (message) messages.push(message);
    }
    const message = composeDigest(messages, Math.max(0, held.length - RENDERED), this.config.publicUrl);
    const at = this.clock.now();
    const result = message ? await this.mail(delivery, message, signal) : nothingHeld;
    const settled = settledState(result);
    if (settled) {
      const outcome = result.result === 'delivered' ? 'delivered' : 'failed';
      const attempt = { at, latencyMs: this.clock.now().getTime() - at.getTime(), outcome } as const;
      await this.queue.settleHeld(
        held.map(({ deliveryId }) => deliveryId),
        settled,
        attempt,
        this.clock.now(),
      );
    }
    return result;
  }

  private async addressOf({ organization, user }: Delivery): Promise<string | undefined> {
    if (user === undefined) return undefined;
    return (await this.preferences.of(systemScope(organization), [user])).get(user)?.email;
  }
}

const noAddress: AttemptResult = { result: 'cancelled', reason: 'The user has no mail address in the preferences' };
const nothingHeld: AttemptResult = { result: 'cancelled', reason: 'Nothing that was held for it is left to say' };

/** What the held messages become; undefined while the mail is tried again. */
const settledState = (result: AttemptResult) => {
  if (result.result === 'failed') return undefined;
  return result.result === 'delivered' ? ('delivered' as const) : ('cancelled' as const);
};
