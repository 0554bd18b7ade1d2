import { DAY_MS } from './build-rows.js';
import { SLOT_MS } from './day-block.js';
import type { TimeBucket } from './query.js';

export interface DayPlan<T = { readonly day: number; readonly version: number; readonly sealed: number }> {
  /** One group, the day as a whole: no filter and no grouping below the project, and the day lies in one bucket. */
  readonly totals: readonly T[];
  /** One group, quarter hours kept. */
  readonly totalsBySlot: readonly T[];
  /** Groups kept, the day as a whole: it lies in one bucket. */
  readonly byDay: readonly T[];
  /** Groups and quarter hours kept. */
  readonly bySlot: readonly T[];
  /** Attempt by attempt. */
  readonly rows: readonly T[];
}

interface Needs {
  readonly needsRows: boolean;
  readonly needsGroups: boolean;
  readonly mustBeRows: (day: number) => boolean;
}

/**
 * Picks for each UTC day the smallest stored form that answers exactly. A bucket bound that is no quarter hour (a range
 * that starts at 10:07) makes its own day be read attempt by attempt, and no other.
 */
export const planDays = <T extends { readonly day: number }>(
  days: readonly T[],
  range: { readonly from: Date; readonly to: Date },
  buckets: readonly TimeBucket[],
  needs: Needs,
): DayPlan<T> => {
  const bounds = [range.from.getTime(), range.to.getTime(), ...buckets.map((bucket) => bucket.from.getTime())];
  const uneven = new Set(bounds.filter((ms) => ms % SLOT_MS !== 0).map((ms) => Math.floor(ms / DAY_MS)));
  const cut = new Set(bounds.filter((ms) => ms % DAY_MS !== 0).map((ms) => Math.floor(ms / DAY_MS)));
  const plan = { totals: [] as T[], totalsBySlot: [] as T[], byDay: [] as T[], bySlot: [] as T[], rows: [] as T[] };
  for (const day of days) {
    if (needs.needsRows || uneven.has(day.day) || needs.mustBeRows(day.day)) plan.rows.push(day);
    else if (!needs.needsGroups) (cut.has(day.day) ? plan.totalsBySlot : plan.totals).push(day);
    else if (cut.has(day.day)) plan.bySlot.push(day);
    else plan.byDay.push(day);
  }
  return plan;
};
