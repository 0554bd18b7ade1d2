import { MAD_TO_SIGMA, quantileSorted, studentTCdf } from '../../common/stats/index.js';

export const SLOWER_DEFINITION = {
  id: 'duration.slower',
  version: 1,
  text:
    'Robust one-sided prediction interval on ln(duration): t = (median ln head - median ln reference) / ' +
    '(s * sqrt(1/m + 1/n)), s = 1.4826 * MAD of the reference with the small-sample factors of Croux and Rousseeuw ' +
    '(1992), not below ln 1.05, p from Student t with max(2, 0.4 (n - 1)) degrees of freedom. Reference: the newest 30 ' +
    'passing durations on the base side, at least 5. Slower when the p value adjusted by Benjamini-Hochberg over all ' +
    'tested tests is at most .05 and the ratio of the medians is at least 1.1 and the difference at least 10 ms.',
} as const;

export const SLOWER_RULE = {
  fewest: 5,
  most: 30,
  falseDiscoveryRate: 0.05,
  smallestRatio: 1.1,
  smallestMs: 10,
  /** Clocks and schedulers are never steadier than this. */
  smallestSigma: Math.log(1.05),
} as const;

/** Expected shortfall of the MAD in samples of 2 to 9 (Croux and Rousseeuw 1992); n / (n - .8) from 10 on. */
const MAD_FACTORS = [1.196, 1.495, 1.363, 1.206, 1.2, 1.14, 1.129, 1.107];
const madFactor = (n: number): number => MAD_FACTORS[n - 2] ?? n / (n - 0.8);

export interface DurationTest {
  /** Medians in ms. */
  readonly headMs: number;
  readonly referenceMs: number;
  readonly ratio: number;
  readonly p: number;
  /** Durations on each side. */
  readonly headN: number;
  readonly referenceN: number;
}

/** Sorted. Below 1 us a logarithm would make a difference out of the clock's resolution. */
const logs = (durationsUs: readonly number[], most: number): Float64Array => {
  const found = new Float64Array(Math.min(durationsUs.length, most));
  for (let i = 0; i < found.length; i++) found[i] = Math.log(Math.max(durationsUs[i]!, 1));
  return found.sort();
};

/** Median absolute deviation from the centre. */
const spread = (values: Float64Array, centre: number): number => {
  const deviations = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) deviations[i] = Math.abs(values[i]! - centre);
  return quantileSorted(deviations.sort(), 0.5);
};

/**
 * Whether durations of a test lie above those it used to take.
 * @param headUs microseconds, at least one
 * @param referenceUs microseconds, newest first
 * @returns undefined where there are too few to say
 */
export const testDurations = (headUs: readonly number[], referenceUs: readonly number[]): DurationTest | undefined => {
  const reference = logs(referenceUs, SLOWER_RULE.most);
  const [m, n] = [headUs.length, reference.length];
  if (m === 0 || n < SLOWER_RULE.fewest) return undefined;
  const centre = quantileSorted(reference, 0.5);
  const sigma = Math.max(spread(reference, centre) * MAD_TO_SIGMA * madFactor(n), SLOWER_RULE.smallestSigma);
  const difference = quantileSorted(logs(headUs, m), 0.5) - centre;
  // the upper tail is taken as the lower one of -t: 1 - cdf would lose what small p values are made of
  const t = difference / (sigma * Math.sqrt(1 / m + 1 / n));
  const ratio = Math.exp(difference);
  const referenceMs = Math.exp(centre) / 1000;
  const p = studentTCdf(-t, Math.max(2, 0.4 * (n - 1)));
  return { headMs: referenceMs * ratio, referenceMs, ratio, p, headN: m, referenceN: n };
};

/**
 * p values adjusted for a bound on the false discovery rate (Benjamini and Hochberg 1995), in the order given; nothing
 * for nothing.
 */
export const adjustedP = (ps: readonly number[]): number[] => {
  const order = ps.map((_, i) => i).sort((a, b) => ps[b]! - ps[a]!);
  const adjusted = new Array<number>(ps.length);
  let least = 1;
  order.forEach((i, fromTop) => {
    // in this order, rounding never takes it below p
    least = Math.min(least, ps[i]! * (ps.length / (ps.length - fromTop)));
    adjusted[i] = least;
  });
  return adjusted;
};

export interface SlowerTest extends DurationTest {
  readonly test: number;
  /** p adjusted over all tests that were tested. */
  readonly q: number;
}

/** Tests that have become slower, the largest ratio first, and how many could be tested. */
export const slowerTests = (
  tests: Iterable<readonly [test: number, headUs: readonly number[], referenceUs: readonly number[]]>,
): { readonly tested: number; readonly slower: SlowerTest[] } => {
  const done: (DurationTest & { readonly test: number })[] = [];
  for (const [test, headUs, referenceUs] of tests) {
    const found = testDurations(headUs, referenceUs);
    if (found) done.push({ test, ...found });
  }
  const qs = adjustedP(done.map(({ p }) => p));
  const slower = done
    .map((one, i) => ({ ...one, q: qs[i]! }))
    .filter(
      ({ q, ratio, headMs, referenceMs }) =>
        q <= SLOWER_RULE.falseDiscoveryRate &&
        ratio >= SLOWER_RULE.smallestRatio &&
        headMs - referenceMs >= SLOWER_RULE.smallestMs,
    )
    .sort((a, b) => b.ratio - a.ratio || a.test - b.test);
  return { tested: done.length, slower };
};
