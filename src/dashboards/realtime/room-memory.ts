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

const MOST_PENDING = 2_000;

const stampsOf = (planned: readonly Planned[]): Map<string, string> =>
  new Map(planned.map((one) => [one.widget.id, 'error' in one ? one.key : one.stamp]));

/** Commits per room until somebody works them off. A node may forget: then everything is computed anew. */
export class RoomMemory {
  private readonly rooms = new Map<string, Remembered>();

  /** The first one of a room gets a snapshot. Those who are in it already have not been told what a later one is shown. */
  begin(key: string, version: number, planned: readonly Planned[]): void {
    if (!this.rooms.has(key)) this.learn(key, version, planned);
  }

  /** The whole room has been told this. */
  learn(key: string, version: number, planned: readonly Planned[]): void {
    const room = this.rooms.get(key);
    if (room) Object.assign(room, { version, stamps: stampsOf(planned) });
    else this.rooms.set(key, { version, stamps: stampsOf(planned), pending: [], overflown: false });
  }

  note(key: string, commits: readonly Commit[]): void {
    const room = this.rooms.get(key);
    if (!room || room.overflown) return;
    room.pending.push(...commits);
    if (room.pending.length <= MOST_PENDING) return;
    room.pending = [];
    room.overflown = true;
  }

  versionOf(key: string): number | undefined {
    return this.rooms.get(key)?.version;
  }

  /** Whether a widget is another question than the one that the room has an answer to. */
  isNew(key: string, planned: Planned): boolean {
    const room = this.rooms.get(key);
    return !room || room.overflown || room.stamps.get(planned.widget.id) !== stampsOf([planned]).get(planned.widget.id);
  }

  pendingOf(key: string): readonly Commit[] {
    return [...(this.rooms.get(key)?.pending ?? [])];
  }

  /** These were worked off. */
  done(key: string, commits: readonly Commit[]): void {
    const room = this.rooms.get(key);
    if (!room) return;
    const worked = new Set(commits);
    room.pending = room.pending.filter((commit) => !worked.has(commit));
    room.overflown = false;
  }

  /** Rooms that nobody here is in any more. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.rooms.keys()) if (!keys.has(key)) this.rooms.delete(key);
  }
}
