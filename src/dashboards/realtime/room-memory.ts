import type { Commit } from '../../executions/index.js';
import type { Planned } from '../board/board.service.js';

/** What this node knows that a room has been told, and what has come in since. */
interface Remembered {
  version: number;
  /** Per widget what its figures depend on besides the data. */
  stamps: Map<string, string>;
  pending: Commit[];
  /** More has come in than is kept. */
  overflown: boolean;
}

/** What has come in for a room, taken out to be worked off. */
export interface Turn {
  readonly commits: readonly Commit[];
  /** It may be anything: all widgets are to be made anew. */
  readonly everything: boolean;
}

const MOST_PENDING = 2_000;

const stampOf = (one: Planned): string => ('error' in one ? one.key : one.stamp);

/** Commits per room until somebody works them off. A node may forget: then everything is computed anew. */
export class RoomMemory {
  private readonly rooms = new Map<string, Remembered>();

  /** The first one of a room gets a snapshot. Those who are in it already have not been told what a later one is shown. */
  begin(key: string, version: number, planned: readonly Planned[]): void {
    if (!this.rooms.has(key)) this.learn(key, version, planned);
  }

  /** The whole room has been told this. */
  learn(key: string, version: number, planned: readonly Planned[]): void {
    const stamps = new Map(planned.map((one) => [one.widget.id, stampOf(one)]));
    const room = this.rooms.get(key);
    if (room) Object.assign(room, { version, stamps });
    else this.rooms.set(key, { version, stamps, pending: [], overflown: false });
  }

  /** Somebody was shown no figures of these: they are to be made anew. */
  unlearn(key: string, widgetIds: readonly string[]): void {
    for (const id of widgetIds) this.rooms.get(key)?.stamps.delete(id);
  }

  note(key: string, commits: readonly Commit[]): void {
    const room = this.rooms.get(key);
    if (room) add(room, commits, false);
  }

  versionOf(key: string): number | undefined {
    return this.rooms.get(key)?.version;
  }

  /** Whether a widget is another question than the one that the room has an answer to. */
  isNew(key: string, planned: Planned): boolean {
    return this.rooms.get(key)?.stamps.get(planned.widget.id) !== stampOf(planned);
  }

  /** What comes in from now on belongs to the next turn. */
  take(key: string): Turn {
    const room = this.rooms.get(key);
    if (!room) return { commits: [], everything: true };
    const turn = { commits: room.pending, everything: room.overflown };
    Object.assign(room, { pending: [], overflown: false });
    return turn;
  }

  /** It could not be worked off. */
  giveBack(key: string, { commits, everything }: Turn): void {
    const room = this.rooms.get(key);
    if (room) add(room, commits, everything);
  }

  /** Rooms that nobody here is in any more: whoever comes back has missed what was not noted. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.rooms.keys()) if (!keys.has(key)) this.rooms.delete(key);
  }
}

const add = (room: Remembered, commits: readonly Commit[], everything: boolean): void => {
  room.overflown ||= everything || room.pending.length + commits.length > MOST_PENDING;
  room.pending = room.overflown ? [] : [...room.pending, ...commits];
};
