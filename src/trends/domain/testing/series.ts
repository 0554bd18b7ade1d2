import { seededNormal, seededRandom } from '../../../common/stats/index.js';

/** AR(1) noise with unit innovations, after a burn-in. */
export const autoregressive = (n: number, rho: number, normal: () => number): number[] => {
  let x = 0;
  const values: number[] = [];
  for (let i = -20; i < n; i++) {
    x = rho * x + normal();
    if (i >= 0) values.push(x);
  }
  return values;
};
export const normals = (seed: number): (() => number) => seededNormal(seededRandom(seed));

/** Series that must never make a function answer NaN. */
export const AWKWARD: Readonly<Record<string, readonly (number | null)[]>> = {
  empty: [],
  'one point': [0.5],
  'two points': [1, 2],
  constant: new Array<number>(60).fill(0.97),
  'all failed': new Array<number>(60).fill(0),
  'all passed': new Array<number>(60).fill(1),
  'only gaps': new Array<null>(60).fill(null),
  'mostly gaps': Array.from({ length: 60 }, (_, i) => (i % 7 === 3 ? i / 60 : null)),
  'two values': Array.from({ length: 60 }, (_, i) => (i < 30 ? 0 : 1)),
  'one spike': Array.from({ length: 60 }, (_, i) => (i === 30 ? 1 : 0)),
  huge: Array.from({ length: 60 }, (_, i) => i * 1e12),
};

/** Throws where a NaN or an infinity hides anywhere in a value. */
export const assertFinite = (value: unknown, path = '$'): void => {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${path} is ${value}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) assertFinite(child, `${path}.${key}`);
  }
};
