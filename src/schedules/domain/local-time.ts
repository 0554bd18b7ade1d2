import type { OffsetAt } from '../../common/index.js';

/** What the clock on the wall shows, as the ms of the UTC instant at which a clock in UTC shows the same. */
export type WallTime = number;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Further from UTC than any zone has ever been, in both directions. */
const PROBES = [-16 * HOUR_MS, 0, 16 * HOUR_MS];

export const wallTimeAt = (epochMs: number, offsetAt: OffsetAt): WallTime => epochMs + offsetAt(epochMs);

/**
 * The one instant at which something planned for a wall time happens. Where the clocks are put back and show it twice:
 * the first time. Where they are put forward and never show it: the first instant after the jump, or the last minute
 * before it where the jump took the end of the local day. undefined for a date that the zone left out altogether.
 */
export const instantOf = (wall: WallTime, offsetAt: OffsetAt): number | undefined => {
  const offsets = [...new Set(PROBES.map((probe) => offsetAt(wall + probe)))];
  const shown = offsets.map((offset) => wall - offset).filter((at) => wallTimeAt(at, offsetAt) === wall);
  if (shown.length > 0) return Math.min(...shown);
  const jump = jumpOver(wall, offsets, offsetAt);
  return [jump, jump - MINUTE_MS].find((at) => dayOf(wallTimeAt(at, offsetAt)) === dayOf(wall));
};

/** The first instant after the jump that left out a wall time. */
const jumpOver = (wall: WallTime, offsets: readonly number[], offsetAt: OffsetAt): number => {
  let low = wall - Math.max(...offsets);
  let high = wall - Math.min(...offsets);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallTimeAt(middle, offsetAt) >= wall) high = middle;
    else low = middle;
  }
  return high;
};

const dayOf = (wall: WallTime): number => Math.floor(wall / DAY_MS);
