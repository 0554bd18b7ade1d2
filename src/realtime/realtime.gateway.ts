import { Logger } from '@nestjs/common';
import { type OnGatewayConnection, type OnGatewayInit, WebSocketGateway } from '@nestjs/websockets';
import type { Namespace, Socket } from 'socket.io';
import { Clock, DomainError, problemOf } from '../common/index.js';
import { REALTIME_NAMESPACE } from './namespace.js';
import { FeedReader } from './redis/feed-reader.js';
import { Deliverer } from './transport/deliverer.js';
import { LocalRooms } from './transport/local-rooms.js';
import { RefreshDto, SubscribeDto, UnsubscribeDto } from './transport/messages.dto.js';
import { parseMessage } from './transport/parse-message.js';
import { type Identity, Session, tooMany } from './transport/session.js';
import { Sessions } from './transport/sessions.js';
import { SocketAuthenticator } from './transport/socket-authenticator.js';
import { SubscriptionsService } from './transport/subscriptions.service.js';
import { WatchService } from './transport/watch.service.js';

type Handler = (session: Session, body: unknown) => Promise<object>;

interface Admitted {
  readonly identity: Identity;
  readonly revocations: number;
}

/**
 * The sockets' door. Messages are bound here and not by @SubscribeMessage: whatever a client sends, with an ack or
 * without, is answered with a value or a problem, and never ends in an `exception` event that nobody waits for.
 */
@WebSocketGateway({ namespace: REALTIME_NAMESPACE })
export class RealtimeGateway implements OnGatewayInit<Namespace>, OnGatewayConnection<Socket> {
  private readonly logger = new Logger(RealtimeGateway.name);
  private readonly handlers: Readonly<Record<string, Handler>> = {
    subscribe: async (session, body) => this.subscriptions.subscribe(session, await parseMessage(SubscribeDto, body)),
    unsubscribe: async (session, body) => {
      const { room } = await parseMessage(UnsubscribeDto, body);
      this.subscriptions.unsubscribe(session, room);
      return { room };
    },
    'auth:refresh': (session, body) => this.refresh(session, body),
  };

  constructor(
    private readonly authenticator: SocketAuthenticator,
    private readonly sessions: Sessions,
    private readonly local: LocalRooms,
    private readonly subscriptions: SubscriptionsService,
    private readonly deliverer: Deliverer,
    private readonly feed: FeedReader,
    private readonly watch: WatchService,
    private readonly clock: Clock,
  ) {}

  afterInit(namespace: Namespace): void {
    namespace.use((socket, next) => {
      this.admit(socket).then(
        () => next(),
        (error: unknown) => next(refusal(error)),
      );
    });
    this.deliverer.serve(namespace);
    this.feed.start(this.deliverer);
    this.watch.start();
  }

  handleConnection(socket: Socket): void {
    const { identity, revocations } = (socket.data as { admitted: Admitted }).admitted;
    const session = new Session(socket, identity, this.clock.now().getTime());
    this.sessions.add(session);
    socket.once('disconnect', () => {
      this.local.leaveAll(session);
      this.sessions.remove(session);
    });
    for (const [event, handle] of Object.entries(this.handlers))
      socket.on(event, (...args: unknown[]) => void this.answer(session, event, handle, args));
    // what was revoked while it was looked at is looked at once more
    if (revocations !== this.sessions.revocations) session.authorisedAt = 0;
  }

  private async admit(socket: Socket): Promise<void> {
    const { revocations } = this.sessions;
    const identity = await this.authenticator.authenticate(socket.handshake.auth);
    (socket.data as { admitted?: Admitted }).admitted = { identity, revocations };
  }

  private async answer(session: Session, event: string, handle: Handler, args: readonly unknown[]): Promise<void> {
    const last = args.at(-1);
    const ack = typeof last === 'function' ? (last as (answer: object) => void) : undefined;
    const body = typeof args[0] === 'function' ? undefined : args[0];
    const answer = await session
      .message(() => handle(session, body))
      .catch((error: unknown) => ({ problem: this.problemOf(event, error) }));
    ack?.(answer);
  }

  private problemOf(event: string, error: unknown): object {
    const problem = problemOf(error);
    if (problem.status >= 500) this.logger.error({ err: error, event }, 'a message of a socket failed');
    return problem;
  }

  /** Goes on with another token of the same person: all rooms are authorised anew under it. */
  private async refresh(session: Session, body: unknown): Promise<object> {
    const { token } = await parseMessage(RefreshDto, body);
    const now = this.clock.now().getTime();
    if (!session.refreshes.take(now)) throw tooMany('Too many refreshes');
    const { principal, credential } = session.identity;
    const renewed = await this.authenticator.byToken(token);
    const { subject, organization, tokenExpiresAt } = renewed.principal;
    if (credential || subject !== principal.subject || organization !== principal.organization)
      throw new DomainError(
        'forbidden',
        'other_subject',
        'The token is not of the subject and organization of this socket',
      );
    // the same token once more is no reason to say again that it ends
    if ((tokenExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY) > session.expiresAt) session.isWarned = false;
    session.identity = renewed;
    session.authorisedAt = now;
    await this.subscriptions.reauthorise(session);
    return { expiresAt: tokenExpiresAt?.toISOString() ?? null };
  }
}

/** A `connect_error` whose `data` is a problem document. */
const refusal = (error: unknown): Error => {
  const problem = problemOf(error);
  return Object.assign(new Error(problem.detail), { data: problem });
};
