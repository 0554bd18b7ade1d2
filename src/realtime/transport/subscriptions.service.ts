import { Injectable, Logger } from '@nestjs/common';
import { Clock, DomainError, notFound, problemOf } from '../../common/index.js';
import { LIMITS } from '../limits.js';
import { FeedReader } from '../redis/feed-reader.js';
import { type LogReading, RoomLog } from '../redis/room-log.js';
import { parseRoom, type RoomDefinition, roomKeyOf, type RoomPlace } from '../room.js';
import { RoomRegistry } from '../room-registry.js';
import { type DeltaMessage, toDelta } from './delta.js';
import { LocalRooms, type Occupied } from './local-rooms.js';
import type { SubscribeDto } from './messages.dto.js';
import { parseMessage } from './parse-message.js';
import { type Membership, type Session, tooMany } from './session.js';

/** Answer to a subscribe. */
export type Subscribed = { readonly room: string; readonly epoch: string; readonly seq: number } & (
  { readonly snapshot: object } | { readonly deltas: readonly DeltaMessage[] }
);

const UNLOGGED = 'unlogged';

/** Subscribes sockets to rooms, and looks again later whether they may still be there. */
@Injectable()
export class SubscriptionsService {
  private readonly logger = new Logger(SubscriptionsService.name);

  constructor(
    private readonly registry: RoomRegistry,
    private readonly local: LocalRooms,
    private readonly log: RoomLog,
    private readonly feed: FeedReader,
    private readonly clock: Clock,
  ) {}

  /**
   * Joins first, then reads the number, then the snapshot: what is published meanwhile reaches the socket, and what the
   * snapshot holds already has a number up to the one answered or is sent once more.
   * @throws DomainError 404, 403, 422, 429
   */
  async subscribe(session: Session, input: SubscribeDto): Promise<Subscribed> {
    this.requireRoomFor(session, input.room);
    const definition = this.registry.require(parseRoom(input.room).kind);
    const options = await optionsOf(definition, input.options);
    const { membership, context } = await this.place(session, definition, input.room, options);
    // the socket may have gone while it was looked up: nobody would take it out again
    if (!session.socket.connected) throw new DomainError('conflict', 'disconnected', 'The socket is gone');
    const isNew = session.memberships.get(input.room)?.key !== membership.key;
    if (isNew) this.local.leave(session, input.room);
    const occupied = this.local.join(session, membership, context);
    try {
      return await this.answer(occupied, membership, { epoch: input.epoch, seq: input.lastSeq });
    } catch (error) {
      if (isNew) this.local.leave(session, input.room);
      throw error;
    }
  }

  unsubscribe(session: Session, room: string): void {
    this.local.leave(session, room);
  }

  /** Takes the socket out of what it may not see any more; where it may see something else, it is told to subscribe again. */
  async reauthorise(session: Session, rooms: readonly string[] = [...session.memberships.keys()]): Promise<void> {
    for (const room of rooms) {
      const held = session.memberships.get(room);
      if (held === undefined) continue;
      try {
        const definition = this.registry.require(held.kind);
        const { membership, context } = await this.place(session, definition, room, held.options);
        if (session.memberships.get(room) !== held) continue;
        if (membership.key === held.key) this.local.join(session, held, context);
        else this.resubscribe(session, room);
      } catch (error) {
        if (!(error instanceof DomainError) || error.kind === 'unavailable') {
          this.logger.warn({ err: error, room }, 'a subscriber could not be authorised again; it is tried later');
          continue;
        }
        const reason = (await this.endOf(held)) ?? error;
        if (session.memberships.get(room) === held) this.drop(session, room, reason);
      }
    }
  }

  /** Out of the room, with the reason. */
  drop(session: Session, room: string, reason: DomainError): void {
    this.local.leave(session, room);
    session.socket.emit('room:dropped', { room, problem: problemOf(reason) });
  }

  /** What everybody in the room is told, where it has ended for all of them. */
  private async endOf({ kind, key }: Membership): Promise<DomainError | undefined> {
    const occupied = this.local.find(roomKeyOf(kind, key));
    if (!occupied) return undefined;
    return this.registry
      .require(kind)
      .endedBecause?.(occupied.context)
      .catch(() => undefined);
  }

  private resubscribe(session: Session, room: string): void {
    this.local.leave(session, room);
    session.socket.emit('resync', { room });
  }

  private requireRoomFor(session: Session, room: string): void {
    if (!session.subscribes.take(this.clock.now().getTime())) throw tooMany('Too many subscribes');
    if (session.memberships.size < LIMITS.roomsPerSocket || session.memberships.has(room)) return;
    throw new DomainError('conflict', 'too_many_rooms', `A socket may be in ${LIMITS.roomsPerSocket} rooms`);
  }

  private async place(
    session: Session,
    definition: RoomDefinition,
    room: string,
    options: object,
  ): Promise<{ membership: Membership; context: unknown }> {
    const { principal, rooms } = session.identity;
    if (rooms !== undefined && !rooms.includes(room)) throw notFound('Room');
    const { kind, id } = parseRoom(room);
    for (;;) {
      const { changes } = this.local;
      const { key, context }: RoomPlace<unknown> = await definition.authorise(principal, id, options);
      if (changes === this.local.changes) return { membership: { room, kind, id, options, key }, context };
    }
  }

  private async answer(
    occupied: Occupied,
    { room, kind }: Membership,
    since: { readonly epoch?: string; readonly seq?: number },
  ): Promise<Subscribed> {
    const { epoch, seq, deltas } = await this.read(occupied, since);
    if (deltas) return { room, epoch, seq, deltas: deltas.map((delta) => toDelta(room, epoch, delta)) };
    return { room, epoch, seq, snapshot: await this.registry.require(kind).snapshot(occupied.context) };
  }

  /** Without Redis, or before its feed is read, there is a snapshot of no epoch; who holds one is told later to subscribe again. */
  private async read(
    occupied: Occupied,
    since: { readonly epoch?: string; readonly seq?: number },
  ): Promise<LogReading> {
    const { kind, key } = occupied;
    if (!this.feed.isReading) return { epoch: UNLOGGED, seq: 0 };
    try {
      const reading = await this.log.read(kind, key, since);
      occupied.seen ??= { epoch: reading.epoch, seq: reading.seq };
      return reading;
    } catch (error) {
      this.logger.debug({ err: error }, 'a room is answered without its log');
      return { epoch: UNLOGGED, seq: 0 };
    }
  }
}

const optionsOf = async (definition: RoomDefinition, given: unknown): Promise<object> => {
  if (definition.options) return parseMessage(definition.options, given);
  if (given === undefined || Object.keys(given as object).length === 0) return {};
  throw new DomainError('invalid', 'validation_failed', 'Some fields are not valid', {
    errors: [{ pointer: '/options', detail: `must not be there: rooms of the kind ${definition.kind} take none` }],
  });
};
