import { describe, expect, it } from '@jest/globals';
import { checkRows, MOST_REJECTIONS } from './row-check.js';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const good = { name: 'pays', status: 'passed' };

describe('checkRows', () => {
  it('tells the good from the bad, each problem with its place', async () => {
    const { rows, rejected, rejectedCount } = await checkRows([good, {}, good, { ...good, status: 'maybe' }], NOW);
    expect(rows.map(({ index }) => index)).toEqual([0, 2]);
    expect(rejected.map(({ pointer }) => pointer)).toEqual([
      '/results/1/name',
      '/results/1/status',
      '/results/3/status',
    ]);
    expect(rejectedCount).toBe(3);
  });

  it('has nothing to say of no rows', async () => {
    expect(await checkRows([], NOW)).toEqual({ rows: [], rejected: [], rejectedCount: 0 });
  });

  it('counts all problems and keeps the first thousand: a body of the smallest wrong rows has millions', async () => {
    const { rows, rejected, rejectedCount } = await checkRows(
      [...Array.from({ length: 3_000 }, () => ({})), good],
      NOW,
    );
    expect(rejected).toHaveLength(MOST_REJECTIONS);
    expect(rejected.at(-1)).toMatchObject({ index: 499, pointer: '/results/499/status' });
    expect(rejectedCount).toBe(6_000);
    expect(rows).toHaveLength(1);
  });
});
