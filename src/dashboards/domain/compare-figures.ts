export type Verdict = 'improved' | 'degraded' | 'unclear' | 'neutral' | 'insufficient_data';

interface Bounded {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

const overlap = (a: Bounded, b: Bounded): boolean =>
  a.low !== null && a.high !== null && b.low !== null && b.high !== null && a.low <= b.high && b.low <= a.high;

/** Difference of two figures, and whether it is one for the better. Figures without an interval are taken as they are. */
export const compareFigures = (
  now: Bounded,
  before: Bounded,
  goodDirection: 'up' | 'down' | 'none',
): { readonly difference: number | null; readonly relative: number | null; readonly verdict: Verdict } => {
  if (now.value === null || before.value === null)
    return { difference: null, relative: null, verdict: 'insufficient_data' };
  const difference = now.value - before.value;
  const relative = before.value === 0 ? null : difference / before.value;
  if (difference === 0 || goodDirection === 'none') return { difference, relative, verdict: 'neutral' };
  if (overlap(now, before)) return { difference, relative, verdict: 'unclear' };
  return { difference, relative, verdict: difference > 0 === (goodDirection === 'up') ? 'improved' : 'degraded' };
};
