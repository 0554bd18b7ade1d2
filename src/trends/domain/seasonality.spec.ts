import { describe, expect, it } from '@jest/globals';
import { KNOWN_CYCLES, findSeasonality } from './seasonality.js';
import { AWKWARD, assertFinite, autoregressive, normals } from './testing/series.js';

const significantLags = (values: readonly (number | null)[], lags = [7]): number[] => {
  const answer = findSeasonality(
    values,
    lags.map((lag) => ({ name: `every ${lag}`, lag })),
  );
  return answer.status === 'ok' ? answer.tested.filter((one) => one.significant).map((one) => one.lag) : [];
};

describe('findSeasonality', () => {
  const weekly = (n: number, effect: number, seed = 1): number[] => {
    const normal = normals(seed);
    return Array.from({ length: n }, (_, i) => (i % 7 === 1 ? effect : 0) + normal());
  };

  it('finds a week at lag 7, with its profile and strength', () => {
    const answer = findSeasonality(weekly(90, 4), KNOWN_CYCLES.day);
    if (answer.status !== 'ok') throw new Error(answer.reason);
    expect(answer.season).toMatchObject({ lag: 7, name: 'day of week', significant: true });
    expect(answer.season!.strength).toBeGreaterThan(0.4);
    expect(answer.season!.profile.indexOf(Math.max(...answer.season!.profile))).toBe(1);
  });

  it('finds the season at 7 and not at cycles that are none', () => {
    expect(significantLags(weekly(120, 3), [5, 6, 7, 8, 9, 10, 14, 21])).toEqual([7]);
  });

  it('finds none in white noise', () => {
    const normal = normals(12);
    let found = 0;
    for (let round = 0; round < 400; round++) found += significantLags(autoregressive(90, 0, normal)).length;
    expect(found / 400).toBeLessThanOrEqual(0.02);
  });

  it('is not taken in by a trend, a step or autocorrelation', () => {
    const normal = normals(13);
    let found = 0;
    for (let round = 0; round < 100; round++) {
      const noise = autoregressive(90, 0.3, normal);
      found += significantLags(noise.map((x, i) => x + 0.2 * i)).length;
      found += significantLags(noise.map((x, i) => x + (i > 40 ? 6 : 0))).length;
      found += significantLags(autoregressive(90, 0.6, normal)).length;
    }
    expect(found / 300).toBeLessThanOrEqual(0.02);
  });

  it('lives with gaps and refuses below three periods', () => {
    expect(significantLags(weekly(120, 4).map((x, i) => (i % 11 === 0 ? null : x)))).toEqual([7]);
    expect(findSeasonality(weekly(20, 4), KNOWN_CYCLES.day)).toMatchObject({ status: 'insufficient_data' });
    expect(findSeasonality(weekly(20, 4), KNOWN_CYCLES.month)).toMatchObject({ status: 'insufficient_data' });
    expect(findSeasonality(weekly(90, 4), [{ name: 'sprint', lag: 1 }])).toMatchObject({ status: 'insufficient_data' });
  });

  it.each(Object.entries(AWKWARD))('never answers NaN: %s', (_, values) =>
    assertFinite(findSeasonality(values, KNOWN_CYCLES.day)),
  );
});
