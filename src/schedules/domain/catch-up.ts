import { nextOccurrence } from './occurrences.js';
import type { Timing } from './timing.js';

export const CATCH_UP_POLICIES = ['skip', 'once', 'all'] as const;
export type CatchUpPolicy = (typeof CATCH_UP_POLICIES)[number];

/** What becomes of occurrences that nobody was there to run. */
export interface CatchUp {
  readonly policy: CatchUpPolicy;
  /** `all`: at most so many, the newest. */
  readonly max: number;
}

export const DEFAULT_CATCH_UP: CatchUp = { policy: 'once', max: 10 };
/** Later than this an occurrence counts as missed: the sweep looks every few seconds, a restart takes less. */
export const ON_TIME_MS = 5 * 60_000;
/** Missed occurrences that the history names one by one. */
const NAMED = 100;

export interface DuePlan {
  /** To be run, oldest first. */
  readonly run: readonly { readonly at: Date; readonly missed: boolean }[];
  /** Missed and not run, oldest first: the newest of them. */
  readonly skipped: readonly Date[];
  /** Whether there were more than those, and are not named. */
  readonly more: boolean;
  /** The first occurrence that is still to come. */
  readonly next?: Date;
}

/**
 * What to do about the occurrences from `from` (itself one) up to now. `skip` runs those on time, `once` the newest,
 * `all` the newest `max`. However long nobody was there, it looks at a bounded number of occurrences.
 */
export const planDue = (timing: Timing, from: Date, now: Date, { policy, max }: CatchUp): DuePlan => {
  const due = newestDue(timing, from, now, NAMED + max);
  const isMissed = (at: Date): boolean => now.getTime() - at.getTime() > ON_TIME_MS;
  const isRun = (at: Date, fromNewest: number): boolean =>
    policy === 'skip' ? !isMissed(at) : fromNewest < (policy === 'once' ? 1 : max);
  const decided = due.map((at, i) => ({ at, missed: isMissed(at), run: isRun(at, due.length - 1 - i) }));
  const skipped = decided.filter(({ run }) => !run).map(({ at }) => at);
  const next = nextOccurrence(timing, now);
  return {
    run: decided.filter(({ run }) => run).map(({ at, missed }) => ({ at, missed })),
    skipped: skipped.slice(-NAMED),
    more: skipped.length > NAMED || (due[0]?.getTime() ?? 0) > from.getTime(),
    ...(next && { next }),
  };
};

const HOUR_MS = 3_600_000;

/** The newest `count` occurrences in [from, now], oldest first: looks back over longer and longer stretches. */
const newestDue = (timing: Timing, from: Date, now: Date, count: number): Date[] => {
  for (let hours = 1; ; hours *= 8) {
    const begin = new Date(Math.max(from.getTime(), now.getTime() - hours * HOUR_MS) - 1);
    const found: Date[] = [];
    for (let at = nextOccurrence(timing, begin); at && at <= now; at = nextOccurrence(timing, at)) found.push(at);
    if (found.length >= count || begin.getTime() < from.getTime()) return found.slice(-count);
  }
};
