import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { Backoff } from './backoff.js';
import type { Delta, DeltaOf, Problem, SnapshotOf } from './messages.js';
import { RoomSubscription } from './room-subscription.js';

export interface RealtimeClientOptions {
  /** Origin of the service: `https://reports.example`. */
  readonly url: string;
  /**
   * A token (or API key) for each new connection, and for one that goes on over the end of its token. Answer a fresh one;
   * throw where there is none.
   */
  readonly token?: () => string | Promise<string>;
  /** Instead of a token: the token of a share link. */
  readonly share?: string;
  /** The service refuses to let this client in, or it ended the session, and a fresh token did not help either. */
  readonly onRefused?: (problem: Problem) => void;
  readonly onConnect?: () => void;
  /** It comes back by itself unless it was refused. */
  readonly onDisconnect?: (reason: string) => void;
  /** A resync of everybody is spread over so many ms. Default: 1000. */
  readonly spreadMs?: number;
  /** For the socket beneath. */
  readonly socket?: Partial<ManagerOptions & SocketOptions>;
}

export interface SubscribeOptions<Room extends string> {
  /** What the room is to be seen with: see its kind in the AsyncAPI document. */
  readonly options?: object;
  /** The whole state: replaces what was known. Comes first, and again when too much was missed. */
  readonly onSnapshot: (snapshot: SnapshotOf<Room>) => void;
  /** A change of it, each once and in order. */
  readonly onDelta: (delta: DeltaOf<Room>) => void;
  /** The room cannot be had (any more): not there, not yours, gone. Nothing more comes. */
  readonly onEnd?: (problem: Problem) => void;
}

export interface Subscription {
  readonly room: string;
  close(): void;
}

const UNAUTHENTICATED = 401;
/** Of the life of a token: with less nothing is tried any more. */
const LEAST_LEFT_MS = 1_000;
const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'status' in value && 'code' in value;

/**
 * Rooms of the service over one socket: it reconnects, subscribes again from where it was, asks again where a number is
 * missing, drops what it has had, and refreshes its token in time.
 */
export class RealtimeClient {
  private readonly socket: Socket;
  private readonly rooms = new Map<string, RoomSubscription>();
  private readonly backoff = new Backoff();
  private isClosed = false;
  private refusals = 0;
  /** The last try was made without a credential, since there was none to be had. */
  private isWithout = false;
  private refreshing: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly options: RealtimeClientOptions) {
    this.socket = io(`${options.url.replace(/\/+$/, '')}/realtime`, {
      // one connection from the start: behind several nodes a long poll would need to find its node again
      transports: ['websocket'],
      reconnectionDelay: 200,
      reconnectionDelayMax: 5_000,
      forceNew: true,
      ...options.socket,
      auth: (give) => void this.credentials().then(give, () => this.giveNothing(give)),
    });
    this.listen();
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  /** @throws Error where this client is in the room already */
  subscribe<Room extends string>(room: Room, options: SubscribeOptions<Room>): Subscription {
    if (this.rooms.has(room)) throw new Error(`already subscribed to ${room}`);
    const subscription = new RoomSubscription(room, options.options, options, this.socket, () => {
      if (this.rooms.get(room) === subscription) this.rooms.delete(room);
    });
    this.rooms.set(room, subscription);
    subscription.ask();
    return subscription;
  }

  /** Ends everything; the client cannot be used again. */
  close(): void {
    this.isClosed = true;
    this.backoff.cancel();
    clearTimeout(this.refreshing);
    for (const room of [...this.rooms.values()]) room.close();
    this.socket.disconnect();
  }

  private listen(): void {
    this.socket.on('connect', () => {
      this.refusals = 0;
      this.backoff.reset();
      for (const room of this.rooms.values()) room.ask();
      this.options.onConnect?.();
    });
    this.socket.on('disconnect', (reason) => {
      // the service has closed it on purpose, after the end of a token for instance: socket.io leaves that to us
      if (reason === 'io server disconnect') this.connectLater();
      this.options.onDisconnect?.(reason);
    });
    this.socket.on('connect_error', (error) => this.failed(error));
    this.socket.on('delta', (delta: Delta) => this.rooms.get(delta.room)?.delta(delta));
    this.socket.on('resync', ({ room }: { room?: string }) => this.resync(room));
    this.socket.on('room:dropped', ({ room, problem }: { room: string; problem: Problem }) =>
      this.rooms.get(room)?.end(problem),
    );
    this.socket.on('auth:expiring', ({ expiresAt }: { expiresAt: string }) => void this.refresh(Date.parse(expiresAt)));
  }

  private async credentials(): Promise<object> {
    const { share, token } = this.options;
    const credentials = share === undefined ? { token: await token?.() } : { share };
    this.isWithout = false;
    return credentials;
  }

  /** socket.io waits for an answer, so it gets one; that it is refused then says nothing about this client. */
  private giveNothing(give: (auth: object) => void): void {
    this.isWithout = true;
    give({});
  }

  /** Tries at half of what is left, and again, until a token has come that lives longer: the service warns once. */
  private async refresh(endsAt: number): Promise<void> {
    const { id } = this.socket;
    const answer = await this.sendToken().catch(() => undefined);
    if (answer !== undefined && (answer.expiresAt === null || Date.parse(answer.expiresAt) > endsAt)) return;
    const left = endsAt - Date.now();
    // then the session ends, and the next one begins with another try
    if (left < LEAST_LEFT_MS || this.isClosed) return;
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => {
      if (this.socket.connected && this.socket.id === id) void this.refresh(endsAt);
    }, left / 2);
  }

  /** @returns undefined where it was refused */
  private async sendToken(): Promise<{ readonly expiresAt: string | null } | undefined> {
    const answer: unknown = await this.socket.timeout(10_000).emitWithAck('auth:refresh', await this.credentials());
    const isAccepted = typeof answer === 'object' && answer !== null && 'expiresAt' in answer;
    return isAccepted ? (answer as { expiresAt: string | null }) : undefined;
  }

  private resync(room: string | undefined): void {
    if (room !== undefined) this.rooms.get(room)?.ask();
    else for (const each of this.rooms.values()) each.askLater(Math.random() * (this.options.spreadMs ?? 1_000));
  }

  /** Not reached: socket.io tries again. Refused: a fresh token may help, once. */
  private failed(error: Error & { data?: unknown }): void {
    if (this.socket.active || this.isClosed) return;
    const problem = isProblem(error.data) && !this.isWithout ? error.data : undefined;
    const isFinal = problem !== undefined && problem.status < 500 && problem.status !== 429;
    if (isFinal && (problem.status !== UNAUTHENTICATED || ++this.refusals > 1)) this.options.onRefused?.(problem);
    else this.connectLater();
  }

  private connectLater(): void {
    if (!this.isClosed) this.backoff.run(() => this.socket.connect());
  }
}
