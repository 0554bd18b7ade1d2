/** Values at equal steps of time, oldest first; null is a gap. */
export type Gapped = readonly (number | null)[];

/** A refusal: too little data for an honest answer. `reason` is for people. */
export interface Insufficient {
  readonly status: 'insufficient_data';
  readonly reason: string;
}
export const insufficient = (reason: string): Insufficient => ({ status: 'insufficient_data', reason });

/** The points that are there: their positions in the series, and their values. */
export interface Present {
  readonly index: Float64Array;
  readonly value: Float64Array;
}

/** Gaps, NaN and infinities left out. */
export const present = (values: Gapped): Present => {
  const index: number[] = [];
  const value: number[] = [];
  values.forEach((x, i) => {
    if (x === null || !Number.isFinite(x)) return;
    index.push(i);
    value.push(x);
  });
  return { index: Float64Array.from(index), value: Float64Array.from(value) };
};

export const isConstant = (values: ArrayLike<number>): boolean => {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
};
