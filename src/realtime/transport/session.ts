import type { Socket } from 'socket.io';
import type { Principal } from '../../auth/index.js';
import { DomainError, problemOf } from '../../common/index.js';
import { LIMITS } from '../limits.js';
import { TokenBucket } from './token-bucket.js';

/** What a socket has shown at its handshake, and who that makes it. */
export interface Identity {
  readonly principal: Principal;
  /** `revoke(kind, id)` ends the sockets that hold it; a token has none, since none can be revoked. */
  readonly credential?: { readonly kind: string; readonly id: string };
  /** The only rooms it may subscribe to; all that it is authorised for where this is absent. */
  readonly rooms?: readonly string[];
  /** Looks again whether it still holds; absent for a token, which holds until its end. */
  readonly renew?: () => Promise<Identity>;
}

export interface Membership {
  /** As the client names it. */
  readonly room: string;
  readonly kind: string;
  readonly id: string;
  readonly options: object;
  readonly key: string;
}

/** One connected socket. */
export class Session {
  readonly memberships = new Map<string, Membership>();
  readonly subscribes: TokenBucket;
  readonly refreshes: TokenBucket;
  identity: Identity;
  /** Epoch ms of when its rights were last looked at. */
  authorisedAt: number;
  /** `auth:expiring` was sent for the token that it holds now. */
  isWarned = false;
  /** Times that engine.io handed a batch to the transport, which it does only when the one before is through. */
  flushes = 0;
  /** Since when (epoch ms) its transport has taken nothing, and how it was then. */
  blocked?: { readonly since: number; readonly buffered: number; readonly flushes: number };
  private tail: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    readonly socket: Socket,
    identity: Identity,
    now: number,
  ) {
    this.identity = identity;
    this.authorisedAt = now;
    socket.conn.on('flush', () => this.flushes++);
    this.subscribes = new TokenBucket(LIMITS.subscribeBurst, LIMITS.subscribesPerSecond, now);
    this.refreshes = new TokenBucket(LIMITS.refreshBurst, LIMITS.refreshesPerSecond, now);
  }

  get expiresAt(): number {
    return this.identity.principal.tokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  }

  /** Says why, and closes. */
  end(reason: DomainError): void {
    this.socket.emit('auth:ended', { problem: problemOf(reason) });
    this.socket.disconnect(true);
  }

  /** One after the other: a subscribe and an unsubscribe of the same room would overtake each other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.waiting++;
    const turn = this.tail.then(work, work).finally(() => this.waiting--);
    this.tail = turn.catch(() => undefined);
    return turn;
  }

  /**
   * The same for a message of the client, which is held until its turn comes.
   * @throws DomainError 429 where too many of them wait
   */
  async message<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= LIMITS.waitingMessages) throw tooMany('Too many messages wait for their turn');
    return this.inTurn(work);
  }
}

/** 429 */
export const tooMany = (detail: string): DomainError =>
  new DomainError('rate_limited', 'rate_limited', detail, { retryAfterSeconds: 1 });
