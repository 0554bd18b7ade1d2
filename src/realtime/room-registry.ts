import { Injectable } from '@nestjs/common';
import { notFound } from '../common/index.js';
import type { RoomDefinition } from './room.js';

const KIND = /^[a-z_]{1,40}$/;

/** The kinds of rooms that features offer. */
@Injectable()
export class RoomRegistry {
  private readonly rooms = new Map<string, RoomDefinition>();

  register(room: RoomDefinition): void {
    if (!KIND.test(room.kind)) throw new Error(`"${room.kind}" cannot name a kind of room`);
    if (this.rooms.has(room.kind)) throw new Error(`the kind of room "${room.kind}" is taken`);
    this.rooms.set(room.kind, room);
  }

  all(): readonly RoomDefinition[] {
    return [...this.rooms.values()].sort((a, b) => (a.kind < b.kind ? -1 : 1));
  }

  /** @throws DomainError 404 */
  require(kind: string): RoomDefinition {
    const room = this.rooms.get(kind);
    if (room === undefined) throw notFound('Room');
    return room;
  }
}
