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

  constructor(private readonly options: RealtimeClientOptions) {
    this.socket = io(`${options.url.replace(/\/+$/, '')}/realtime`, {
      // one connection from the start: behind several nodes a long poll would need to find its node again
      transports: ['websocket'],
      reconnectionDelay: 200,
      reconnectionDelayMax: 5_000,
      forceNew: true,
      ...options.socket,
      auth: (give) => void this.credentials().then(give, () => give({})),
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
    this.socket.on('auth:expiring', () => void this.refresh());
  }

  private async credentials(): Promise<object> {
    const { share, token } = this.options;
    return share === undefined ? { token: await token?.() } : { share };
  }

  private async refresh(): Promise<void> {
    try {
      await this.socket.timeout(10_000).emitWithAck('auth:refresh', await this.credentials());
    } catch {
      // then the session ends, and the next one begins with another try
    }
  }

  private resync(room: string | undefined): void {
    if (room !== undefined) this.rooms.get(room)?.ask();
    else for (const each of this.rooms.values()) each.askLater(Math.random() * (this.options.spreadMs ?? 1_000));
  }

  /** Not reached: socket.io tries again. Refused: a fresh token may help, once. */
  private failed(error: Error & { data?: unknown }): void {
    if (this.socket.active || this.isClosed) return;
    const problem = isProblem(error.data) ? error.data : undefined;
    const isFinal = problem !== undefined && problem.status < 500 && problem.status !== 429;
    if (isFinal && (problem.status !== UNAUTHENTICATED || ++this.refusals > 1)) this.options.onRefused?.(problem);
    else this.connectLater();
  }

  private connectLater(): void {
    if (!this.isClosed) this.backoff.run(() => this.socket.connect());
  }
}
