import { offsetOf, type OffsetAt, transitionBetween } from '../../common/index.js';
import { instantOf, wallTimeAt } from './local-time.js';
import { nextWallTime, type Timing } from './timing.js';

/**
 * The first occurrence after an instant; undefined where there is none in this century. On the days of a clock change:
 * a timing with given hours has each of its wall times once (see `instantOf`), several that a jump throws together once;
 * one that means every hour keeps the beat of the clock, so that it runs in both of two equal hours.
 */
export const nextOccurrence = (timing: Timing, after: Date): Date | undefined => {
  const offsetAt = offsetOf(timing.timeZone);
  const find = isEveryHour(timing) ? nextByBeat : nextByWall;
  const at = find(timing.cron, after.getTime(), offsetAt);
  return at === undefined ? undefined : new Date(at);
};

/** The next `count` occurrences after an instant; fewer where there are no more. */
export const nextOccurrences = (timing: Timing, after: Date, count: number): Date[] => {
  const found: Date[] = [];
  for (let at = nextOccurrence(timing, after); at && found.length < count; at = nextOccurrence(timing, at))
    found.push(at);
  return found;
};

const isEveryHour = ({ cron }: Timing): boolean => /^(\*(\/1)?|0-23)$/.test(cron.split(' ')[1] ?? '');

const nextByWall = (cron: string, after: number, offsetAt: OffsetAt): number | undefined => {
  // what the wall showed up to now has had its instant already, so only later wall times can be next
  let wall = nextWallTime(cron, wallTimeAt(after, offsetAt));
  for (; wall !== undefined; wall = nextWallTime(cron, wall)) {
    const at = instantOf(wall, offsetAt);
    if (at !== undefined && at > after) return at;
  }
  return undefined;
};

/** From one clock change to the next the offset is constant, and wall time is only shifted. */
const nextByBeat = (cron: string, after: number, offsetAt: OffsetAt): number | undefined => {
  let from = after;
  for (;;) {
    const offset = offsetAt(from);
    const wall = nextWallTime(cron, from + offset);
    if (wall === undefined) return undefined;
    const at = wall - offset;
    if (at > after && offsetAt(at) === offset) return at;
    const change = transitionBetween(from, at, offsetAt);
    // the change itself may be an occurrence: look from just before it, with the offset after it
    const first = nextWallTime(cron, change + offsetAt(change) - 1);
    if (first === change + offsetAt(change) && change > after) return change;
    from = change;
  }
};
