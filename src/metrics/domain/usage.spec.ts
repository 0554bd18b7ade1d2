import { describe, expect, it } from '@jest/globals';
import { usageOf } from './usage.js';

const [first, second] = [new Date('2026-03-01'), new Date('2026-03-02')];

describe('usageOf', () => {
  it('is zero for nothing', () => {
    expect(usageOf([])).toEqual({ totals: { runs: 0, results: 0 }, projects: [], days: [] });
  });

  it('adds up by project, most first, and by day, oldest first', () => {
    const rows = [
      { project: 'api', day: second, runs: 1, results: 10 },
      { project: 'web', day: first, runs: 2, results: 30 },
      { project: 'web', day: second, runs: 3, results: 5 },
    ];
    expect(usageOf(rows)).toEqual({
      totals: { runs: 6, results: 45 },
      projects: [
        { project: 'web', runs: 5, results: 35 },
        { project: 'api', runs: 1, results: 10 },
      ],
      days: [
        { day: first, runs: 2, results: 30 },
        { day: second, runs: 4, results: 15 },
      ],
    });
  });
});
