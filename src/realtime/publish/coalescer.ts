import type { RoomUpdate } from '../room.js';
import { roomKeyOf } from '../room.js';

/** Sends the updates; answers ms to wait when the last ones are not `gapMs` ago: they are to be given again then. */
export type Send = (kind: string, key: string, updates: readonly RoomUpdate[], gapMs: number) => Promise<number>;

interface Pending {
  readonly kind: string;
  readonly key: string;
  /** By type and entity, the newest last. */
  updates: Map<string, RoomUpdate>;
  /** On their way; they come back when it was too early. */
  inFlight: Map<string, RoomUpdate>;
  timer?: NodeJS.Timeout;
  sending?: Promise<void>;
  /** Epoch ms (monotonic) before which nothing is sent. */
  notBefore: number;
}

/** So that two nodes do not always meet. */
const JITTER_MS = 20;

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
    const room: Pending = this.rooms.get(name) ?? { kind, key, updates: new Map(), inFlight: new Map(), notBefore: 0 };
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
    const room = this.rooms.get(roomKeyOf(kind, key));
    room?.updates.delete(entryOf(update));
    room?.inFlight.delete(entryOf(update));
  }

  /** Sends what waits, once more without a pause. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const room of this.rooms.values()) {
      clearTimeout(room.timer);
      await room.sending;
      if (room.updates.size > 0) await this.send(room.kind, room.key, [...room.updates.values()], 0);
    }
    this.rooms.clear();
  }

  private schedule(name: string, room: Pending): void {
    if (room.timer !== undefined || room.sending !== undefined || this.stopped) return;
    const wait = Math.max(0, room.notBefore - performance.now());
    room.timer = setTimeout(() => {
      delete room.timer;
      // what waited may have been sent by itself meanwhile
      if (room.updates.size === 0) this.rooms.delete(name);
      else room.sending = this.flush(name, room);
    }, wait);
  }

  private async flush(name: string, room: Pending): Promise<void> {
    room.inFlight = room.updates;
    room.updates = new Map();
    const wait = await this.send(room.kind, room.key, [...room.inFlight.values()], this.gapMs);
    delete room.sending;
    if (wait > 0) this.giveBack(room);
    room.inFlight = new Map();
    const pause = wait > 0 ? wait + Math.random() * JITTER_MS : this.gapMs;
    room.notBefore = performance.now() + pause;
    // once more even when nothing waits: until then the pause must be remembered
    this.schedule(name, room);
  }

  /** What has come meanwhile is newer. */
  private giveBack(room: Pending): void {
    const newer = room.updates;
    room.updates = new Map(room.inFlight);
    for (const [entry, update] of newer) {
      room.updates.delete(entry);
      room.updates.set(entry, update);
    }
  }
}

const isOlder = (update: RoomUpdate, waiting: RoomUpdate | undefined): boolean =>
  update.version !== undefined && waiting?.version !== undefined && update.version < waiting.version;
