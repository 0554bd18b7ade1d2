import { describe, expect, it } from '@jest/globals';
import type { ChangePoint } from './change-points.js';
import { asMeasured, findChangePoints } from './change-points.js';
import { AWKWARD, assertFinite, autoregressive, normals } from './testing/series.js';

const pointsOf = (values: readonly (number | null)[], visits = false): readonly ChangePoint[] => {
  const answer = findChangePoints(values, { visits });
  if (answer.status !== 'ok') throw new Error(answer.reason);
  return answer.points;
};
/** Yearly flow of the Nile at Aswan, 1871-1970 (Cobb 1978): the dam changed it in 1898. */
const NILE = [
  1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100,
  1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969, 831, 726, 456,
  824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897,
  822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975,
  815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
];

describe('findChangePoints', () => {
  it('finds the dam of Aswan in the flow of the Nile', () => {
    const [dam, ...more] = pointsOf(NILE);
    expect(more).toEqual([]);
    expect(1871 + dam!.position).toBe(1899);
    expect(dam!.before).toBeCloseTo(1097.75, 2);
    expect(dam!.after).toBeCloseTo(849.97, 2);
    expect(dam!.low99).toBeLessThanOrEqual(28);
    expect(dam!.high99).toBeGreaterThanOrEqual(28);
    expect(dam!.high99 - dam!.low99).toBeLessThan(15);
  });

  it('finds both ends of a regression, in both directions', () => {
    const normal = normals(3);
    const values = Array.from({ length: 90 }, (_, i) => (i >= 40 && i < 55 ? 0.8 : 0.97) + 0.01 * normal());
    expect(pointsOf(values)).toEqual([]);
    const [down, up, ...more] = pointsOf(values, true);
    expect(more).toEqual([]);
    expect([down!.position, up!.position]).toEqual([40, 55]);
    expect(down!.before > down!.after && up!.after > up!.before).toBe(true);
  });

  it('keeps the places of gaps', () => {
    const values = Array.from({ length: 80 }, (_, i) => (i % 4 === 1 ? null : i < 50 ? 1 + (i % 3) / 50 : 2));
    expect(pointsOf(values).map((point) => point.position)).toEqual([50]);
  });

  it('gives positions a 99 % interval that covers', () => {
    const normal = normals(21);
    let [found, covered] = [0, 0];
    for (let round = 0; round < 150; round++) {
      const truth = 30 + (round % 30);
      const values = autoregressive(90, 0, normal).map((x, i) => x + (i >= truth ? 1.5 : 0));
      for (const { low99, high99 } of pointsOf(values).slice(0, 1)) {
        found += 1;
        if (low99 <= truth && truth <= high99) covered += 1;
      }
    }
    expect(found).toBeGreaterThan(140);
    expect(covered / found).toBeGreaterThan(0.95);
  });

  it.each([false, true])('finds little in white noise (visits: %s)', (visits) => {
    const normal = normals(33);
    let series = 0;
    for (let round = 0; round < 200; round++)
      if (pointsOf(autoregressive(90, 0, normal), visits).length > 0) series += 1;
    expect(series / 200).toBeLessThan(0.1);
  });

  it('refuses short series and is quiet about constants', () => {
    expect(findChangePoints([1, 2, 3])).toMatchObject({ status: 'insufficient_data' });
    expect(pointsOf(new Array<number>(50).fill(0.97))).toEqual([]);
  });

  it.each(Object.entries(AWKWARD))('never answers NaN: %s', (_, values) => {
    assertFinite(findChangePoints(values));
    assertFinite(findChangePoints(values, { visits: true }));
  });
});

describe('asMeasured', () => {
  const point = { low99: 22, high99: 24, gain: 9 };

  it('gives a new level the days that were drawn in, and the levels that were measured', () => {
    const measured = [...Array.from({ length: 20 }, () => 1), ...Array.from({ length: 5 }, () => 0.75)];
    const tamed = measured.map((x, i) => (i >= 20 && i < 23 ? 0.9 : x));
    const found = [{ ...point, position: 23, before: 0.987, after: 0.75 }];
    expect(asMeasured(measured, tamed, found)).toEqual([{ ...point, low99: 19, position: 20, before: 1, after: 0.75 }]);
  });

  it('leaves outliers of the level before where they are, and what was not drawn in', () => {
    const measured = [1, 1, 1, 1.4, 1, 1, 0.5, 0.5, 0.5];
    const tamed = measured.map((x) => Math.min(x, 1.1));
    const found = [{ ...point, low99: 5, position: 6, before: 1, after: 0.5 }];
    expect(asMeasured(measured, tamed, found)[0]).toMatchObject({ position: 6, low99: 5, after: 0.5 });
    const spike = [1, 1, 1, 1, 1, 1.4, 0.5, 0.5, 0.5];
    expect(
      asMeasured(
        spike,
        spike.map((x) => Math.min(x, 1.1)),
        found,
      )[0]!.position,
    ).toBe(6);
    expect(asMeasured(measured, measured, [{ ...found[0]!, position: 7 }])[0]!.position).toBe(7);
    expect(asMeasured([], [], [])).toEqual([]);
  });
});
