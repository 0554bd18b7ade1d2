import type { DayRows } from '../../metrics/index.js';
import type { RowRef } from './result-lookups.js';

/** Room for 64 M rows of a day beside 27 bits of milliseconds, within the 53 bits of a number. */
const ROOM = 2 ** 26;

/**
 * The matching attempts of one day, over all of its parts, newest first. Sorted as plain numbers, time and place in one:
 * a comparison function over a million rows would stop everything else for a second.
 */
export function* newestFirst(
  days: readonly DayRows[],
  isWanted: (day: DayRows, run: number) => boolean,
): Generator<RowRef> {
  const starts: number[] = [];
  let count = 0;
  for (const { rows } of days) {
    starts.push(count);
    count += rows.length;
  }
  const keys = new Float64Array(count);
  let n = 0;
  days.forEach((day, part) => {
    const { rows, match } = day;
    const wanted = rows.runs.map((_, run) => isWanted(day, run));
    for (let i = 0; i < rows.length; i++)
      if (match[i] && wanted[rows.run[i]!]) keys[n++] = rows.at[i]! * ROOM + starts[part]! + i;
  });
  const sorted = keys.subarray(0, n).sort();
  let part = 0;
  for (let at = n - 1; at >= 0; at--) {
    const place = sorted[at]! % ROOM;
    part = partOf(starts, place, part);
    yield { day: days[part]!, i: place - starts[part]! };
  }
}

/** The last part that begins at or before a place. */
const partOf = (starts: readonly number[], place: number, guess: number): number => {
  if (starts[guess]! <= place && (guess + 1 === starts.length || starts[guess + 1]! > place)) return guess;
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= place) low = middle;
    else high = middle - 1;
  }
  return low;
};
