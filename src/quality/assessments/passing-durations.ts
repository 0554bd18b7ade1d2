import { medianInPlace } from '../../common/stats/index.js';
import { type DurationSpread, PASSED, type TestHistory } from '../domain/test-history.js';

const MINIMUM = 5;
let buffer = new Float64Array(1024);

/**
 * `durationStability` and median of a test's passing durations without an allocation: a ranking asks it for thousands
 * of tests. The spec holds it against the definition in the domain.
 */
export const durationSpread = ({ length, status, durationUs }: TestHistory): DurationSpread => {
  if (buffer.length < length) buffer = new Float64Array(2 * length);
  let n = 0;
  for (let i = 0; i < length; i++)
    if (status[i] === PASSED && Number.isFinite(durationUs[i])) buffer[n++] = durationUs[i]!;
  if (n === 0) return { n, median: null, stability: null };
  const values = buffer.subarray(0, n);
  const middle = medianInPlace(values);
  if (n < MINIMUM) return { n, median: middle, stability: null };
  for (let i = 0; i < n; i++) values[i] = Math.abs(values[i]! - middle);
  const deviation = medianInPlace(values);
  const stability = middle > 0 ? 1 - Math.min(1, deviation / middle) : deviation === 0 ? 1 : 0;
  return { n, median: middle, stability };
};
