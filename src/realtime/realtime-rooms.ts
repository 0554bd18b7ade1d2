import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '../common/index.js';
import { LIMITS } from './limits.js';
import { Coalescer } from './publish/coalescer.js';
import { LostRooms } from './publish/lost-rooms.js';
import { type MakeUpdates, RoomWork } from './publish/room-work.js';
import { Presence } from './redis/presence.js';
import { RoomLog } from './redis/room-log.js';
import {
  type GuestAuthenticator,
  type LocalRoom,
  type PublishOptions,
  roomKeyOf,
  type RoomDefinition,
  type RoomUpdate,
} from './room.js';
import { RoomRegistry } from './room-registry.js';
import { Deliverer, type Told } from './transport/deliverer.js';
import { LocalRooms } from './transport/local-rooms.js';
import { SocketAuthenticator } from './transport/socket-authenticator.js';

const GONE = new DomainError('not_found', 'not_found', 'The room is gone');

/**
 * What features do with rooms. Nothing of it throws because Redis is away: whoever is in a room gets a fresh snapshot when
 * it is back. Works in the worker too, which has no sockets of its own.
 */
@Injectable()
export class RealtimeRooms implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RealtimeRooms.name);
  private readonly coalescer: Coalescer;
  private readonly lost: LostRooms;

  constructor(
    private readonly registry: RoomRegistry,
    private readonly authenticator: SocketAuthenticator,
    private readonly local: LocalRooms,
    private readonly deliverer: Deliverer,
    private readonly presence: Presence,
    private readonly log: RoomLog,
    private readonly work: RoomWork,
  ) {
    this.lost = new LostRooms(
      (kind, key) => this.restart(kind, key),
      async (kind) => {
        for (const key of await this.presence.keys(kind)) await this.restart(kind, key);
      },
    );
    this.coalescer = new Coalescer(LIMITS.updateGapMs, (...update) => this.append(...update));
  }

  /** At boot, once for each kind. */
  register<Context>(room: RoomDefinition<Context>): void {
    this.registry.register(room);
  }

  /**
   * Lets sockets in that come with `handshake.auth[field]` instead of a token.
   * @param field names the kind of credential for `revoke`, `share`
   */
  admitGuests(field: string, authenticate: GuestAuthenticator): void {
    this.authenticator.addGuests(field, authenticate);
  }

  /** Sends it to everybody in the room, on every node, at once: for what counts one by one. */
  async publish(kind: string, key: string, type: string, data: object, options: PublishOptions = {}): Promise<void> {
    this.coalescer.forget(kind, key, { type, data, ...options });
    await this.append(kind, key, [{ type, data, ...options }], 0);
  }

  /** Sends it with what else changes, at most four times a second for the room; of one type and entity the newest wins. */
  publishSoon(kind: string, key: string, type: string, data: object, options: PublishOptions = {}): void {
    this.coalescer.add(kind, key, { type, data, ...options });
  }

  /**
   * Sees to it that one node computes and publishes the room up to a position (of the commit log), for rooms that are a
   * function of what is stored. Every node calls it for the rooms that are `subscribed` on it; it is done once, at most
   * four times a second for the room and by another node when the first one is killed. Positions asked for meanwhile are
   * done together: `make` reads the newest state. What it throws is tried again, ten times.
   */
  seeTo(kind: string, key: string, position: number, make: MakeUpdates): void {
    this.work.seeTo(kind, key, position, make, {
      publish: async (...update) => {
        await this.append(...update, 0);
      },
      // the subscribers of other nodes are looked after by theirs
      giveUp: (...room) => {
        if (this.local.find(roomKeyOf(...room))) this.lost.add(...room);
      },
    });
  }

  /** The rooms of a kind that have subscribers on this node, each with what `authorise` answered last. */
  subscribed<Context>(kind: string): readonly LocalRoom<Context>[] {
    return [...this.local.ofKind(kind)] as unknown as readonly LocalRoom<Context>[];
  }

  /**
   * Those of the given keys that have (or up to 45 s ago had) subscribers on any node; all of them while Redis is away.
   * For rooms that are computed by commit, `subscribed` is enough: each node looks after its own.
   */
  async live(kind: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    return this.presence.has(kind, keys).catch(() => new Set(keys));
  }

  /**
   * All keys of a kind with subscribers on any node; undefined while Redis is away, when whoever had something to tell them
   * asks for `resyncAll`.
   */
  async allLive(kind: string): Promise<ReadonlySet<string> | undefined> {
    return this.presence.keys(kind).catch(() => undefined);
  }

  /** Everybody out of the room, on every node: it is not there any more. */
  async drop(kind: string, key: string, reason: DomainError = GONE): Promise<void> {
    const { kind: errorKind, code, message: detail } = reason;
    await this.tell({ do: 'drop', kind, key, reason: { kind: errorKind, code, detail } });
  }

  /** Who may be in the room has changed: each one in it is authorised again now, on every node. */
  async reauthorise(kind: string, key: string): Promise<void> {
    await this.tell({ do: 'reauthorise', kind, key });
  }

  /** Everybody in the room gets a fresh snapshot. */
  async resync(kind: string, key: string): Promise<void> {
    await this.restart(kind, key).catch(() => this.lost.add(kind, key));
  }

  /** Everybody in any room of the kind gets a fresh snapshot, as soon as Redis is there. */
  resyncAll(kind: string): void {
    this.lost.addAll(kind);
  }

  /** Ends the sockets that came with a credential (`share`, `api_key`), on every node. */
  async revoke(kind: string, id: string): Promise<void> {
    await this.tell({ do: 'revoke', kind, id });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.coalescer.stop();
    this.lost.stop();
  }

  /** @returns how long to wait where the room has been updated too short a time ago */
  private async append(kind: string, key: string, updates: readonly RoomUpdate[], gapMs: number): Promise<number> {
    try {
      if (updates.some(({ data }) => JSON.stringify(data).length > LIMITS.deltaBytes)) {
        await this.restart(kind, key);
        return 0;
      }
      return await this.log.append(kind, key, updates, gapMs);
    } catch (error) {
      this.logger.debug({ err: error, room: roomKeyOf(kind, key) }, 'a delta could not be sent; a snapshot follows');
      this.lost.add(kind, key);
      return 0;
    }
  }

  private async restart(kind: string, key: string): Promise<void> {
    await this.log.forget(kind, key);
    await this.log.tell({ do: 'resync', kind, key } satisfies Told);
  }

  /** Here at once, even without Redis; elsewhere through the feed, else when everybody is authorised again. */
  private async tell(told: Told): Promise<void> {
    this.deliverer.act(told);
    await this.log
      .tell(told)
      .catch((error: unknown) => this.logger.warn({ err: error, told }, 'other nodes could not be told'));
  }
}
