import { Injectable } from '@nestjs/common';
import type { LogPosition } from '../redis/room-log.js';
import { type LocalRoom, roomKeyOf } from '../room.js';
import type { Membership, Session } from './session.js';

/** A room with subscribers on this node. */
export class Occupied implements LocalRoom<unknown> {
  /** The subscribers by the name that they use for the room, which each of them gets back. */
  readonly members = new Map<string, Set<Session>>();
  /** The newest delta that came by, or the position of the newest answer. */
  seen?: LogPosition;
  /** Where the log was found to be ahead of `seen`; not seen by the next look, something was missed. */
  aheadAt?: LogPosition;

  constructor(
    readonly kind: string,
    readonly key: string,
    public context: unknown,
  ) {}

  *sessions(): Iterable<[room: string, session: Session]> {
    for (const [room, sessions] of this.members) for (const session of sessions) yield [room, session];
  }
}

/** Who is in which room on this node. */
@Injectable()
export class LocalRooms {
  private readonly rooms = new Map<string, Occupied>();
  /** Moves when a room is dropped or authorised again, so that who joins at that moment looks again. */
  changes = 0;

  get count(): number {
    return this.rooms.size;
  }

  find(name: string): Occupied | undefined {
    return this.rooms.get(name);
  }

  *ofKind(kind: string): Iterable<Occupied> {
    for (const room of this.rooms.values()) if (room.kind === kind) yield room;
  }

  all(): Iterable<Occupied> {
    return this.rooms.values();
  }

  join(session: Session, membership: Membership, context: unknown): Occupied {
    const name = roomKeyOf(membership.kind, membership.key);
    const room = this.rooms.get(name) ?? new Occupied(membership.kind, membership.key, context);
    room.context = context;
    const sessions = room.members.get(membership.room) ?? new Set();
    room.members.set(membership.room, sessions.add(session));
    this.rooms.set(name, room);
    session.memberships.set(membership.room, membership);
    void session.socket.join(channelOf(membership));
    return room;
  }

  leave(session: Session, room: string): void {
    const membership = session.memberships.get(room);
    if (membership === undefined) return;
    session.memberships.delete(room);
    void session.socket.leave(channelOf(membership));
    const name = roomKeyOf(membership.kind, membership.key);
    const occupied = this.rooms.get(name);
    const sessions = occupied?.members.get(room);
    sessions?.delete(session);
    if (sessions?.size === 0) occupied?.members.delete(room);
    if (occupied?.members.size === 0) this.rooms.delete(name);
  }

  leaveAll(session: Session): void {
    for (const room of [...session.memberships.keys()]) this.leave(session, room);
  }
}

/** The room of socket.io whose sockets get the same bytes. */
export const channelOf = ({ kind, key, room }: Pick<Membership, 'kind' | 'key' | 'room'>): string =>
  `${roomKeyOf(kind, key)}|${room}`;
