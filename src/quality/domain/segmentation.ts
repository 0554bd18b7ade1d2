import { lnBeta, lnGamma } from '../../common/stats/index.js';

const { exp, log, max } = Math;

/** Beta prior of the failure rate in a segment, as LUCI Analysis sets it. */
export interface SegmentPrior {
  readonly alpha: number;
  readonly beta: number;
}
export const OUTCOME_PRIOR: SegmentPrior = { alpha: 0.3, beta: 0.5 };
export const RETRY_PRIOR: SegmentPrior = { alpha: 0.5, beta: 0.5 };

/** ln of the prior odds of a change point at all (LUCI Analysis). */
const LN_PRIOR_ODDS = log(1e-4);
/** Mass left out on each side of the position's 99 % interval. */
const TAIL = 0.005;

/** Outcomes from..to-1, all taken to have one failure rate. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly failures: number;
  /** Where it began: absent for the first segment. Both ends are indices of outcomes, included. */
  readonly start?: { readonly low99: number; readonly high99: number };
}

/** Likelihoods of x failures of n under one prior. lnGamma is tabulated: it is asked for at whole numbers plus a constant. */
export class SegmentLikelihood {
  private failures = new Float64Array(0);
  private passes = new Float64Array(0);
  private totals = new Float64Array(0);
  private readonly lnPrior: number;

  constructor(private readonly prior: SegmentPrior) {
    this.lnPrior = lnBeta(prior.alpha, prior.beta);
  }

  /** ll(x, n) = ln B(x + alpha, n - x + beta) - ln B(alpha, beta). */
  of(x: number, n: number): number {
    if (n >= this.totals.length) this.tabulate(n);
    return this.failures[x]! + this.passes[n - x]! - this.totals[n]! - this.lnPrior;
  }

  private tabulate(n: number): void {
    const size = max(256, 2 * n);
    const { alpha, beta } = this.prior;
    this.failures = Float64Array.from({ length: size }, (_, x) => lnGamma(x + alpha));
    this.passes = Float64Array.from({ length: size }, (_, x) => lnGamma(x + beta));
    this.totals = Float64Array.from({ length: size }, (_, x) => lnGamma(x + alpha + beta));
  }
}

const OUTCOMES = new SegmentLikelihood(OUTCOME_PRIOR);

export interface SplitInput {
  /** 1 = failure, oldest first. */
  readonly failed: Uint8Array;
  /** Dense commit number of an outcome, negative where unknown; absent: no commits are known. */
  readonly commitOf?: (position: number) => number;
  readonly likelihood?: SegmentLikelihood;
}

/** ln Bayes factor of the best split and its place; place -1 where there is none to choose. */
export interface BestSplit {
  readonly at: number;
  readonly lnBayesFactor: number;
}

/** Never inside one commit: a split at `i` separates outcome i - 1 from i. */
const mayStartAt = (input: SplitInput, i: number): boolean => {
  if (input.commitOf === undefined) return true;
  const here = input.commitOf(i);
  return here < 0 || here !== input.commitOf(i - 1);
};

const countFailures = (failed: Uint8Array, from: number, to: number): number => {
  let x = 0;
  for (let i = from; i < to; i++) x += failed[i]!;
  return x;
};

/** Best split of the outcomes from..to-1: argmax of ll(left) + ll(right) - ll(all). */
export const bestSplit = (input: SplitInput, from = 0, to = input.failed.length): BestSplit => {
  const { failed, likelihood = OUTCOMES } = input;
  const n = to - from;
  const x = countFailures(failed, from, to);
  let at = -1;
  let best = -Infinity;
  let left = 0;
  for (let i = from + 1; i < to; i++) {
    left += failed[i - 1]!;
    // ll is convex in the position along equal outcomes: the maximum lies where the outcome changes.
    if (failed[i] === failed[i - 1] && input.commitOf === undefined) continue;
    const value = likelihood.of(left, i - from) + likelihood.of(x - left, to - i);
    if (value > best && mayStartAt(input, i)) {
      best = value;
      at = i;
    }
  }
  return { at, lnBayesFactor: at < 0 ? -Infinity : best - likelihood.of(x, n) };
};

const collectSplits = (input: SplitInput, from: number, to: number, into: number[]): void => {
  const x = countFailures(input.failed, from, to);
  if (x === 0 || x === to - from) return;
  const split = bestSplit(input, from, to);
  if (split.lnBayesFactor + LN_PRIOR_ODDS <= 0) return;
  collectSplits(input, from, split.at, into);
  into.push(split.at);
  collectSplits(input, split.at, to, into);
};

/** 99 % interval of a split's position between its neighbours: the posterior is proportional to exp(ll). */
const positionInterval = (input: SplitInput, from: number, to: number): { low99: number; high99: number } => {
  const { failed, likelihood = OUTCOMES } = input;
  const x = countFailures(failed, from, to);
  const weights = new Float64Array(to - from).fill(-Infinity);
  let highest = -Infinity;
  let left = 0;
  for (let i = from + 1; i < to; i++) {
    left += failed[i - 1]!;
    if (!mayStartAt(input, i)) continue;
    const value = likelihood.of(left, i - from) + likelihood.of(x - left, to - i);
    weights[i - from] = value;
    highest = max(highest, value);
  }
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] = exp(weights[i]! - highest);
  let low = 0;
  for (let mass = weights[0]!; mass <= TAIL * total;) mass += weights[++low]!;
  let high = weights.length - 1;
  for (let mass = weights[high]!; mass <= TAIL * total;) mass += weights[--high]!;
  return { low99: from + low, high99: from + high };
};

/**
 * Splits a binary history into stretches of one failure rate: the Bayesian change point model of Chromium's LUCI
 * Analysis (statistics.md section 3). Empty input: no segment.
 */
export const segment = (input: SplitInput): Segment[] => {
  const n = input.failed.length;
  if (n === 0) return [];
  const splits: number[] = [];
  collectSplits(input, 0, n, splits);
  const bounds = [0, ...splits, n];
  return bounds.slice(0, -1).map((from, k) => {
    const to = bounds[k + 1]!;
    const failures = countFailures(input.failed, from, to);
    return k === 0
      ? { from, to, failures }
      : { from, to, failures, start: positionInterval(input, bounds[k - 1]!, to) };
  });
};

/** Where the last segment of `segment` begins, without the others: only the right part of each split is searched. */
export const lastSegmentStart = (input: SplitInput): number => {
  let from = 0;
  for (;;) {
    const x = countFailures(input.failed, from, input.failed.length);
    if (x === 0 || x === input.failed.length - from) return from;
    const split = bestSplit(input, from);
    if (split.lnBayesFactor + LN_PRIOR_ODDS <= 0) return from;
    from = split.at;
  }
};
