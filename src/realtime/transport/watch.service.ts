import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Clock, DomainError } from '../../common/index.js';
import { EXPIRY_NOTICE_MS, LIMITS, REAUTHORISE_MS } from '../limits.js';
import { RoomLog } from '../redis/room-log.js';
import { backlogOf } from './backlog.js';
import { Deliverer } from './deliverer.js';
import { LocalRooms, type Occupied } from './local-rooms.js';
import type { Session } from './session.js';
import { Sessions } from './sessions.js';
import { StalledClients } from './stalled-clients.js';
import { SubscriptionsService } from './subscriptions.service.js';

const SWEEP_MS = 1_000;
const HEARTBEAT_MS = 10_000;
const AT_ONCE = 20;

/** Looks after the sockets of this node: ends of tokens, lost rights, clients that do not read, deltas that got lost. */
@Injectable()
export class WatchService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(WatchService.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private authorising = 0;
  private beating: Promise<void> = Promise.resolve();

  constructor(
    private readonly sessions: Sessions,
    private readonly local: LocalRooms,
    private readonly subscriptions: SubscriptionsService,
    private readonly deliverer: Deliverer,
    private readonly stalled: StalledClients,
    private readonly log: RoomLog,
    private readonly clock: Clock,
  ) {}

  start(): void {
    this.timers.push(
      setInterval(() => this.sweep(), SWEEP_MS),
      setInterval(() => {
        this.beating = this.beating.then(() => this.heartbeat());
      }, HEARTBEAT_MS),
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.timers.forEach((timer) => clearInterval(timer));
    await this.beating;
  }

  sweep(): void {
    const now = this.clock.now().getTime();
    for (const session of [...this.sessions.all()]) {
      if (this.isStalled(session, now)) this.stalled.drop(session, backlogOf(session.socket));
      else if (now >= session.expiresAt)
        session.end(new DomainError('unauthenticated', 'token_expired', 'The token has expired'));
      else this.attend(session, now);
    }
  }

  /** Tells every node whose rooms are alive, and finds out what the feed did not bring. */
  async heartbeat(): Promise<void> {
    const rooms = [...this.local.all()];
    for (let from = 0; from < rooms.length; from += AT_ONCE)
      await Promise.all(rooms.slice(from, from + AT_ONCE).map((room) => this.check(room))).catch((error: unknown) =>
        this.logger.debug({ err: error }, 'rooms could not be looked at'),
      );
  }

  private attend(session: Session, now: number): void {
    if (!session.isWarned && now >= session.expiresAt - EXPIRY_NOTICE_MS) {
      session.isWarned = true;
      session.socket.emit('auth:expiring', { expiresAt: new Date(session.expiresAt).toISOString() });
    }
    if (now - session.authorisedAt < REAUTHORISE_MS || this.authorising >= AT_ONCE) return;
    session.authorisedAt = now;
    this.authorising++;
    void session.inTurn(() => this.reauthorise(session)).finally(() => this.authorising--);
  }

  private async reauthorise(session: Session): Promise<void> {
    try {
      const { renew } = session.identity;
      if (renew) session.identity = await renew();
    } catch (error) {
      if (error instanceof DomainError && error.kind !== 'unavailable') session.end(error);
      else this.logger.warn({ err: error }, 'a credential could not be looked at again; it is tried later');
      return;
    }
    await this.subscriptions.reauthorise(session);
  }

  /** Whether nothing has been taken off what waits for it for too long, or too much waits. */
  private isStalled(session: Session, now: number): boolean {
    const { buffered, queued } = backlogOf(session.socket);
    const { blocked, flushes } = session;
    if (buffered + queued === 0) delete session.blocked;
    else if (blocked === undefined || flushes !== blocked.flushes || buffered < blocked.buffered)
      session.blocked = { since: now, buffered, flushes };
    else if (now - blocked.since >= LIMITS.blockedMs) return true;
    return buffered + queued > LIMITS.backlogBytes;
  }

  private async check(room: Occupied): Promise<void> {
    const { epoch, seq } = await this.log.read(room.kind, room.key);
    const { seen, aheadAt } = room;
    if (seen?.epoch === epoch && seen.seq >= seq) {
      delete room.aheadAt;
      return;
    }
    // it may be on its way to here; what was so at the look before has come by now, unless it got lost
    const isLost =
      seen === undefined || (aheadAt?.epoch === epoch && !(seen.epoch === epoch && seen.seq >= aheadAt.seq));
    room.aheadAt = { epoch, seq };
    if (isLost) this.deliverer.resync(room);
  }
}
