import type { Gapped } from './series.js';
import { present } from './series.js';

const { exp, log, max, min } = Math;

/** rate: 0..1, on the logit scale; positive: durations and counts, on the log scale; plain: as it is. */
export type ForecastScale = 'rate' | 'positive' | 'plain';

const CLIP = 0.001;
const SNAP = 1e-9;

export interface Scale {
  readonly to: (value: number) => number;
  /** Back again; what lies on the border of the clipped range is the end of it. */
  readonly from: (value: number) => number;
}

const LOGIT: Scale = {
  to: (value) => {
    const p = max(CLIP, min(1 - CLIP, value));
    return log(p / (1 - p));
  },
  from: (value) => {
    const p = 1 / (1 + exp(-value));
    if (p >= 1 - CLIP - SNAP) return 1;
    return p <= CLIP + SNAP ? 0 : p;
  },
};
const PLAIN: Scale = { to: (value) => value, from: (value) => value };
/** Beyond this no double is left. */
const LARGEST_LOG = 690;
const logScale = (shift: number): Scale => ({
  to: (value) => log(value + shift),
  from: (value) => max(0, exp(min(LARGEST_LOG, value)) - shift),
});

/** log where all are above 0, log(1 + x) where some are 0; plain where the data deny what was asked for. */
export const scaleFor = (kind: ForecastScale, values: Gapped): Scale => {
  const { value } = present(values);
  const lowest = value.reduce((a, b) => min(a, b), Infinity);
  const highest = value.reduce((a, b) => max(a, b), -Infinity);
  if (kind === 'rate' && lowest >= 0 && highest <= 1) return LOGIT;
  if (kind === 'positive' && lowest >= 0) return logScale(lowest > 0 ? 0 : 1);
  return PLAIN;
};

/** Gaps filled on a straight line between their neighbours, at the ends with the nearest value. */
export const filled = (values: Gapped): Float64Array => {
  const { index, value } = present(values);
  const result = new Float64Array(values.length);
  let k = 0;
  for (let i = 0; i < values.length; i++) {
    while (k + 1 < index.length && index[k + 1]! <= i) k += 1;
    const [here, next] = [index[k]!, index[k + 1]];
    if (i <= here || next === undefined) result[i] = value[k]!;
    else result[i] = value[k]! + ((i - here) / (next - here)) * (value[k + 1]! - value[k]!);
  }
  return result;
};
