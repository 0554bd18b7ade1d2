import { describe, expect, it } from '@jest/globals';
import type { RunTally } from './outages.js';
import { excludedRunIds, findOutages } from './outages.js';
import { hasSharedData, readRows } from './testing/shared-data.js';

const run = (position: number, failed: number, judged = 100, branch = 'main'): RunTally => ({
  runId: `${branch}-${position}`,
  branch,
  startedAt: position,
  judged,
  failed,
});
const quiet = Array.from({ length: 20 }, (_, i) => run(i, 3));

describe('findOutages', () => {
  it('finds a run in which almost everything fails at once', () => {
    const [outage, ...more] = findOutages([run(20, 90), ...quiet]);
    expect(outage).toMatchObject({ runId: 'main-20', medianBefore: 0.03, runsBefore: 20, failed: 90 });
    expect(more).toEqual([]);
  });

  it('lets be what has too few outcomes, too few failures, no past, or a bad past', () => {
    expect(findOutages([...quiet, run(20, 19, 19)])).toEqual([]);
    expect(findOutages([...quiet, run(20, 80)])).toEqual([]);
    expect(findOutages([run(20, 90)])).toEqual([]);
    expect(findOutages([...quiet.map((one) => ({ ...one, failed: 45 })), run(20, 90)])).toEqual([]);
    expect(findOutages([...quiet, run(20, 90, 100, 'feature')])).toEqual([]);
    expect(findOutages([])).toEqual([]);
    expect(findOutages([run(0, 0, 0)])).toEqual([]);
  });

  it('can be undone run by run', () => {
    const outages = findOutages([...quiet, run(20, 90), run(21, 95)]);
    expect([...excludedRunIds(outages)]).toEqual(['main-20', 'main-21']);
    expect([...excludedRunIds(outages, new Set(['main-20']))]).toEqual(['main-21']);
  });

  (hasSharedData ? it : it.skip)('does not eat the 82 bad cycles of iofrol.csv', () => {
    const cycles = new Map<number, RunTally>();
    for (const row of readRows('iofrol.csv')) {
      const cycle = Number(row['Cycle']);
      const known = cycles.get(cycle) ?? { ...run(cycle, 0, 0), runId: String(cycle) };
      cycles.set(cycle, { ...known, judged: known.judged + 1, failed: known.failed + Number(row['Verdict']) });
    }
    const tallies = [...cycles.values()];
    expect(tallies).toHaveLength(320);
    expect(tallies.filter(({ failed, judged }) => failed / judged > 0.8)).toHaveLength(82);
    expect(findOutages(tallies).length).toBeLessThanOrEqual(16);
  });
});
