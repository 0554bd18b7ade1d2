import type { RoomUpdate } from '../room.js';
import { roomKeyOf } from '../room.js';

/** Sends the updates; answers ms to wait when it was too early for the room, and they are to be given again then. */
export type Send = (kind: string, key: string, updates: readonly RoomUpdate[]) => Promise<number>;

interface Pending {
  readonly kind: string;
  readonly key: string;
  /** By type and entity, the newest last. */
  updates: Map<string, RoomUpdate>;
  timer?: NodeJS.Timeout;
  sending?: Promise<void>;
  /** Epoch ms (monotonic) before which nothing is sent. */
  notBefore: number;
}

const entryOf = ({ type, entity = '' }: RoomUpdate): string => `${type}\0${entity}`;

/** Holds back what comes too fast: of one type and entity only the newest is kept. */
export class Coalescer {
  private readonly rooms = new Map<string, Pending>();
  private stopped = false;

  constructor(
    private readonly gapMs: number,
    private readonly send: Send,
  ) {}

  add(kind: string, key: string, update: RoomUpdate): void {
    if (this.stopped) return;
    const name = roomKeyOf(kind, key);
    const room = this.rooms.get(name) ?? { kind, key, updates: new Map<string, RoomUpdate>(), notBefore: 0 };
    this.rooms.set(name, room);
    const entry = entryOf(update);
    const waiting = room.updates.get(entry);
    if (isOlder(update, waiting)) return;
    room.updates.delete(entry);
    room.updates.set(entry, update);
    this.schedule(name, room);
  }

  /** What waits of the same type and entity is older than this. */
  forget(kind: string, key: string, update: RoomUpdate): void {
    this.rooms.get(roomKeyOf(kind, key))?.updates.delete(entryOf(update));
  }

  /** Sends what waits, once more without a pause. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const room of this.rooms.values()) {
      clearTimeout(room.timer);
      await room.sending;
      if (room.updates.size > 0) await this.send(room.kind, room.key, [...room.updates.values()]);
    }
    this.rooms.clear();
  }

  private schedule(name: string, room: Pending): void {
    if (room.timer !== undefined || room.sending !== undefined || this.stopped) return;
    const wait = Math.max(0, room.notBefore - performance.now());
    room.timer = setTimeout(() => {
      delete room.timer;
      room.sending = this.flush(name, room);
    }, wait);
  }

  private async flush(name: string, room: Pending): Promise<void> {
    const { updates } = room;
    room.updates = new Map();
    const wait = updates.size > 0 ? await this.send(room.kind, room.key, [...updates.values()]) : 0;
    delete room.sending;
    if (wait > 0) this.giveBack(room, updates);
    const jitter = wait > 0 ? Math.random() * 20 : 0;
    room.notBefore = performance.now() + (wait > 0 ? wait + jitter : this.gapMs);
    if (room.updates.size > 0) this.schedule(name, room);
    else this.forgetLater(name, room);
  }

  /** What has come meanwhile is newer. */
  private giveBack(room: Pending, updates: Map<string, RoomUpdate>): void {
    const newer = room.updates;
    room.updates = new Map(updates);
    for (const [entry, update] of newer) {
      room.updates.delete(entry);
      room.updates.set(entry, update);
    }
  }

  private forgetLater(name: string, room: Pending): void {
    room.timer = setTimeout(() => {
      delete room.timer;
      if (room.updates.size > 0) this.schedule(name, room);
      else this.rooms.delete(name);
    }, this.gapMs);
  }
}

const isOlder = (update: RoomUpdate, waiting: RoomUpdate | undefined): boolean =>
  update.version !== undefined && waiting?.version !== undefined && update.version < waiting.version;
