import { IANAZone } from 'luxon';

/** Offset of local time from UTC in ms at an instant. */
export type OffsetAt = (epochMs: number) => number;

/** The offsets of one zone in one UTC year: `offsets[i]` holds from `since[i]` on. */
interface ZoneYear {
  readonly since: readonly number[];
  readonly offsets: readonly number[];
}

const PROBE_MS = 2 * 86_400_000;
const YEARS_KEPT = 4000;
const years = new Map<string, ZoneYear>();

/** The instant between two at which the clocks were changed, to the ms. */
export const transitionBetween = (low: number, high: number, offsetAt: OffsetAt): number => {
  const after = offsetAt(high);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === after) high = middle;
    else low = middle;
  }
  return high;
};

/** Asks Intl every two days, no zone has changed twice in so short a time, and finds the ms of each change between. */
const buildYear = (timeZone: string, year: number): ZoneYear => {
  const zone = IANAZone.create(timeZone);
  const ask = (epochMs: number): number => Math.round(zone.offset(epochMs) * 60_000);
  const end = Date.UTC(year + 1, 0, 1);
  let at = Date.UTC(year, 0, 1);
  const since = [at];
  const offsets = [ask(at)];
  while (at < end) {
    const next = Math.min(at + PROBE_MS, end);
    const offset = ask(next);
    if (offset !== offsets.at(-1)) {
      since.push(transitionBetween(at, next, ask));
      offsets.push(offset);
    }
    at = next;
  }
  return { since, offsets };
};

const yearOf = (timeZone: string, year: number): ZoneYear => {
  const key = `${timeZone}:${year}`;
  let known = years.get(key);
  if (!known) {
    if (years.size >= YEARS_KEPT) years.clear();
    years.set(key, (known = buildYear(timeZone, year)));
  }
  return known;
};

/** Offsets of an IANA zone. Intl takes 15 us to answer one, so the changes of each year are looked up once and kept. */
export const offsetOf = (timeZone: string): OffsetAt => {
  if (timeZone === 'UTC') return () => 0;
  let year: ZoneYear | undefined;
  let [from, to] = [0, 0];
  return (epochMs) => {
    if (!year || epochMs < from || epochMs >= to) {
      const number = new Date(epochMs).getUTCFullYear();
      [from, to] = [Date.UTC(number, 0, 1), Date.UTC(number + 1, 0, 1)];
      year = yearOf(timeZone, number);
    }
    let i = year.since.length - 1;
    while (i > 0 && epochMs < year.since[i]!) i--;
    return year.offsets[i]!;
  };
};
