import { betaQuantiles } from '../../common/stats/index.js';

const { floor, max } = Math;

/** Consecutive outcomes of one segment. nP, nF: outcomes P / F that have a successor. */
export interface TransitionCounts {
  readonly nP: number;
  readonly nPF: number;
  readonly nF: number;
  readonly nFP: number;
}

/** Posterior of phi, the long-run probability that the next outcome differs from this one. */
export interface FlakinessPosterior {
  readonly mean: number;
  /** 2.5 % and 97.5 % points. */
  readonly low: number;
  readonly high: number;
  /** P(phi > .02). */
  readonly aboveThreshold: number;
}

export const FLAKINESS_DEFINITION = { id: 'flakiness.phi', version: 1 } as const;
export const PHI_THRESHOLD = 0.02;
const GRID = 200;
const LOW_RANK = floor(0.025 * GRID * GRID);
const HIGH_RANK = floor(0.975 * GRID * GRID);
const LEVELS = Array.from({ length: GRID }, (_, i) => (i + 0.5) / GRID);

/** Transitions among the outcomes from..to-1 (1 = failed). */
export const countTransitions = (failed: Uint8Array, from = 0, to = failed.length): TransitionCounts => {
  let [nP, nPF, nF, nFP] = [0, 0, 0, 0];
  for (let i = from + 1; i < to; i++) {
    if (failed[i - 1] === 0) {
      nP += 1;
      nPF += failed[i]!;
    } else {
      nF += 1;
      nFP += 1 - failed[i]!;
    }
  }
  return { nP, nPF, nF, nFP };
};

/** Grid quantiles of Beta(1/2 + k, 1/2 + n - k). */
const gridOf = (k: number, n: number): Float64Array => betaQuantiles(LEVELS, 0.5 + k, 0.5 + n - k);

const phi = (a: number, b: number): number => (2 * a * b) / (a + b);

/** How many grid points have phi <= t. phi rises in a and in b, so the border is a staircase of 2 x 200 steps. */
const countUpTo = (t: number, a: Float64Array, b: Float64Array): number => {
  let count = 0;
  let j = GRID;
  for (let i = 0; i < GRID; i++) {
    while (j > 0 && phi(a[i]!, b[j - 1]!) > t) j -= 1;
    count += j;
  }
  return count;
};

/** The element at 0-based `rank` of the sorted grid, without sorting it: bisection down to the last bit. */
const elementAt = (rank: number, a: Float64Array, b: Float64Array): number => {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return high;
    if (countUpTo(middle, a, b) > rank) high = middle;
    else low = middle;
  }
};

/**
 * phi = 2ab / (a + b) with Jeffreys priors on both transition rates (statistics.md section 1), on a 200 x 200 grid of
 * their quantiles. Costs about a millisecond: ask `FlakinessPosteriors`, which remembers.
 */
export const flakinessPosterior = (
  counts: TransitionCounts,
  grid: (k: number, n: number) => Float64Array = gridOf,
): FlakinessPosterior => {
  const a = grid(counts.nPF, counts.nP);
  const b = grid(counts.nFP, counts.nF);
  let sum = 0;
  for (let i = 0; i < GRID; i++) for (let j = 0; j < GRID; j++) sum += phi(a[i]!, b[j]!);
  return {
    mean: sum / (GRID * GRID),
    low: elementAt(LOW_RANK, a, b),
    high: elementAt(HIGH_RANK, a, b),
    aboveThreshold: 1 - countUpTo(PHI_THRESHOLD, a, b) / (GRID * GRID),
  };
};

/** A bounded memory that forgets what was used least recently. */
class Memo<V> {
  private readonly kept = new Map<number | string, V>();
  constructor(private readonly capacity: number) {}

  get(key: number | string, make: () => V): V {
    const known = this.kept.get(key);
    if (known !== undefined) {
      // Re-inserting on each hit would cost more than it keeps: only a full memory needs the order.
      if (this.kept.size >= this.capacity) {
        this.kept.delete(key);
        this.kept.set(key, known);
      }
      return known;
    }
    const made = make();
    if (this.kept.size >= this.capacity) this.kept.delete(this.kept.keys().next().value ?? key);
    this.kept.set(key, made);
    return made;
  }
}

const PART = 8192;
const keyOf = ({ nP, nPF, nF, nFP }: TransitionCounts): number | string =>
  nP < PART && nF < PART ? ((nP * PART + nPF) * PART + nF) * PART + nFP : `${nP}/${nPF}/${nF}/${nFP}`;

/** Posteriors by their counts, memoised. One instance serves a process. */
export class FlakinessPosteriors {
  private readonly posteriors: Memo<FlakinessPosterior>;
  private readonly grids: Memo<Float64Array>;

  /** @param capacity posteriors kept, about 100 bytes each; grids (1.6 KB each) are a fiftieth of it */
  constructor(capacity = 100_000) {
    this.posteriors = new Memo(capacity);
    this.grids = new Memo(max(64, floor(capacity / 50)));
  }

  of(counts: TransitionCounts): FlakinessPosterior {
    return this.posteriors.get(keyOf(counts), () =>
      flakinessPosterior(counts, (k, n) => this.grids.get(n * 1e7 + k, () => gridOf(k, n))),
    );
  }
}
