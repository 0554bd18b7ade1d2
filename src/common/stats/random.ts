import { normalQuantile } from './normal.js';

/** Uniform numbers in [0, 1) that depend on the seed only: mulberry32 (public domain, T. Ettinger). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** Standard normal numbers from a uniform source. */
export const seededNormal = (uniform: () => number): (() => number) => {
  return () => normalQuantile((Math.floor(uniform() * 4294967296) + 0.5) / 4294967296);
};
