import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FlakinessPosteriors } from './flakiness-posterior.js';
import type { TestAssessment } from './flakiness.js';
import { assessTest } from './flakiness.js';
import { HistoryCollector } from './history-collector.js';
import { disagreementsOf, passOnRetry, sameCode } from './same-code.js';
import { failureRate, flipRate, outcomeEntropy } from './secondary-figures.js';
import type { Told } from './testing/histories.js';
import { DAY_MS, failedOf, outcomes, tell, told } from './testing/histories.js';
import { runTable } from './test-history.js';

const posteriors = new FlakinessPosteriors();
const assess = (history: ReturnType<typeof told>, now = history.length * DAY_MS): TestAssessment =>
  assessTest(history, posteriors, now);
const runIds = (history: ReturnType<typeof told>, one: TestAssessment): string[] =>
  one.evidenceRuns.map((run) => history.table.runs[run]!.runId);

describe('assessTest', () => {
  it.each([
    ['', 'insufficient_data'],
    ['SSSS', 'insufficient_data'],
    ['P', 'new'],
    ['FFFF', 'new'],
    ['P'.repeat(50), 'stable'],
    ['F'.repeat(5), 'broken'],
    ['P'.repeat(50) + 'FFFF', 'broken'],
    ['P'.repeat(20) + 'FFF', 'failing'],
    ['P'.repeat(25) + 'F' + 'P'.repeat(24), 'stable'],
    [('P'.repeat(9) + 'F').repeat(5), 'suspected'],
    ['PF'.repeat(20), 'suspected'],
    ['P'.repeat(60) + 'F'.repeat(12) + 'P'.repeat(60), 'stable'],
  ])('labels %s as %s', (text, label) => {
    const history = told(text);
    const result = assess(history);
    expect(result.label).toBe(label);
    expect(Number.isFinite(result.flakiness.mean)).toBe(true);
    if (result.runs > 0) expect(result.evidenceRuns.length).toBeGreaterThan(0);
  });

  it('judges the newest segment only and lists its runs', () => {
    const history = told('P'.repeat(50) + 'FFFF');
    const result = assess(history);
    expect(result).toMatchObject({ segmentStart: 50, segmentRuns: 4, segmentFailures: 4, runs: 54, lastFailed: true });
    expect(runIds(history, result)).toEqual(['run-53', 'run-52', 'run-51', 'run-50']);
  });

  it('confirms by a retry that passed, for 90 days', () => {
    const history = tell([...outcomes('P'.repeat(10)), { status: 0, attempts: 2, flaky: true }, ...outcomes('PPPP')]);
    const result = assess(history);
    expect(result.label).toBe('confirmed');
    expect(runIds(history, result)).toEqual(['run-10']);
    expect(assess(history, 101 * DAY_MS).label).toBe('stable');
  });

  it('confirms by two runs of one commit that differ, not by those of another environment or branch', () => {
    const pair = (second: Partial<Told>): Told[] => [
      ...outcomes('PPPPPP'),
      { status: 0, commit: 'c' },
      { status: 2, commit: 'c', ...second },
      ...outcomes('PPPP'),
    ];
    const history = tell(pair({}));
    expect(assess(history).label).toBe('confirmed');
    expect(runIds(history, assess(history))).toEqual(['run-7', 'run-6']);
    expect(assess(tell(pair({ branch: 'other' }))).label).not.toBe('confirmed');
    expect(assess(tell(pair({ commit: '' }))).label).not.toBe('confirmed');
  });

  it('leaves excluded runs out, and counts them', () => {
    const history = tell(outcomes('PPPPPPFPPPPPP'), new Set(['run-6']));
    expect(assess(history)).toMatchObject({ runs: 12, failures: 0, excludedRuns: 1, label: 'stable' });
  });
});

describe('secondary figures', () => {
  it('counts disagreement on the same code', () => {
    const history = tell([
      { status: 0, commit: 'a' },
      { status: 1, commit: 'a' },
      { status: 0, commit: 'b' },
      { status: 0, commit: 'b' },
      { status: 0, commit: 'c', attempts: 2, flaky: true },
      { status: 1, commit: 'd', attempts: 3 },
      { status: 1, commit: 'e' },
    ]);
    expect(sameCode(history).rate).toMatchObject({ numerator: 2, denominator: 4 });
    expect(passOnRetry(history)).toMatchObject({ numerator: 1, denominator: 2, estimate: { mean: 0.5 } });
    expect(sameCode(told('')).rate.estimate).toBeNull();
  });

  it('finds the same disagreements without the rate, for one test after the other', () => {
    const outcome = fc.record({
      status: fc.nat(5),
      commit: fc.constantFrom('', 'a', 'b', 'c'),
      branch: fc.constantFrom('main', 'x'),
      flaky: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 30 }), fc.boolean(), (list, outage) => {
        const history = tell(list, new Set(outage ? ['run-1', 'run-2'] : []));
        for (const again of [1, 2])
          expect([again, disagreementsOf(history)]).toEqual([again, sameCode(history).disagreements]);
      }),
    );
  });

  it('knows flip rate, entropy and failure rate', () => {
    expect(flipRate(failedOf('PFPP'))).toBeCloseTo(2 / 3, 12);
    expect(flipRate(failedOf('P'))).toBeNull();
    expect(outcomeEntropy(1, 2)).toBe(1);
    expect(outcomeEntropy(0, 9)).toBe(0);
    expect(outcomeEntropy(1, 4)).toBeCloseTo(0.8112781244591328, 12);
    expect(outcomeEntropy(0, 0)).toBeNull();
    expect(failureRate(2, 100).aboveOnePercent).toBeCloseTo(0.849845, 6);
    expect(failureRate(2, 100).posterior?.mean).toBeCloseTo(0.024752, 6);
    expect(failureRate(0, 0)).toMatchObject({ posterior: null, aboveOnePercent: null, wilson: { low: 0, high: 1 } });
  });
});

describe('HistoryCollector', () => {
  it('groups by test and orders by time', () => {
    const table = runTable(told('PPP').table.runs);
    const collector = new HistoryCollector();
    for (let i = 0; i < 3000; i++) collector.add(i % 3, 5000 - i, i % 2, i % 3, 1, false, i);
    const histories = collector.histories(table);
    expect([...histories.keys()]).toEqual([0, 1, 2]);
    for (const history of histories.values()) {
      expect(history.length).toBe(1000);
      expect([...history.at]).toEqual([...history.at].sort((a, b) => a - b));
    }
    expect(new HistoryCollector().histories(table).size).toBe(0);
  });
});
