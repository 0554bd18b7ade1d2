import { describe, expect, it } from '@jest/globals';
import { wilson } from '../../common/stats/index.js';
import { benchmark } from './benchmark.js';
import { auc, aucWithInterval, evaluateBrier } from './discrimination.js';
import { detectionTime, failureEpisodes, kaplanMeierMedian, recoveryTime } from './episodes.js';
import { FlakinessPosteriors } from './flakiness-posterior.js';
import { assessTest } from './flakiness.js';
import { predictNextFailure } from './next-failure.js';
import { DEFAULT_QUALITY_POLICY, bandOf, qualityScore } from './quality-score.js';
import { reliability } from './reliability.js';
import { durationStability, flakinessIndex, passingDurations, stability, suiteDurationStability } from './stability.js';
import { tell, told } from './testing/histories.js';
import { DEFAULT_QUALITY_THRESHOLDS, thresholdsWith, thresholdViolations } from './thresholds.js';

describe('failure episodes', () => {
  it('run from the first F to the next P, per branch', () => {
    const episodes = failureEpisodes(
      tell([
        { status: 1 },
        { status: 0 },
        { status: 0, branch: 'other' },
        { status: 3 },
        { status: 4 },
        { status: 1, branch: 'other' },
        { status: 2 },
        { status: 0 },
        { status: 1 },
      ]),
    );
    expect(episodes.map(({ branch, firstRun, fixRun, failures }) => [branch, firstRun, fixRun, failures])).toEqual([
      ['main', 0, 1, 1],
      ['main', 3, 7, 2],
      ['other', 5, undefined, 1],
      ['main', 8, undefined, 1],
    ]);
    const recovery = recoveryTime(episodes);
    expect(recovery).toMatchObject({ status: 'ok', meanHours: (24 + 96) / 2, closed: 2, open: 2 });
    expect(recoveryTime([])).toMatchObject({ status: 'no_failures', meanHours: null, medianHours: null });
    expect(recoveryTime(failureEpisodes(told('PPFF')))).toMatchObject({ status: 'insufficient_data', open: 1 });
  });

  it('have a Kaplan-Meier median with open ones censored', () => {
    const at = (time: number, censored = false) => ({ time, censored });
    // Freireich's 6-MP arm (n = 21, 12 censored): the textbook median is 23 weeks; the placebo arm's is 8.
    const treated = [6, 6, 6, 7, 10, 13, 16, 22, 23].map((time) => at(time));
    const censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map((time) => at(time, true));
    expect(kaplanMeierMedian([...treated, ...censored])).toBe(23);
    const placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
    expect(kaplanMeierMedian(placebo.map((time) => at(time)))).toBe(8);
    expect(kaplanMeierMedian([at(1), at(2, true), at(3, true)])).toBeNull();
    expect(kaplanMeierMedian([])).toBeNull();
  });

  it('are detected from the first run of the culprit commit on', () => {
    const history = told('PPFFP');
    const runs = history.table.runs.map((run, i) => ({ ...run, ...(i === 1 && { commit: 'commit-2' }) }));
    expect(detectionTime(failureEpisodes(history), runs)).toMatchObject({ status: 'ok', meanHours: 24, n: 1 });
    expect(detectionTime([], [])).toMatchObject({ status: 'insufficient_data', meanHours: null });
  });
});

describe('stability', () => {
  const posteriors = new FlakinessPosteriors();
  const assess = (text: string) => assessTest(told(text), posteriors, 0);

  it('is 1 - phi, weighted by runs', () => {
    const [steady, shaky] = [assess('P'.repeat(50)), assess('PF'.repeat(20))];
    const result = stability([steady, shaky, assess('PP')]);
    expect(result).toMatchObject({ status: 'ok', tests: 2, runs: 90 });
    expect(result.value).toBeCloseTo((50 * (1 - 0.0169) + 40 * (1 - 0.9751)) / 90, 3);
    expect(flakinessIndex([steady, shaky]).value).toBeCloseTo(1 - result.value!, 12);
    expect(stability([])).toMatchObject({ status: 'insufficient_data', value: null });
  });

  it('of durations is 1 - MAD / median', () => {
    expect(durationStability([90, 100, 100, 110, 120])).toBeCloseTo(0.9, 12);
    expect(durationStability([1, 1, 1, 1, 1])).toBe(1);
    expect(durationStability([0, 0, 0, 0, 0])).toBe(1);
    expect(durationStability([0, 0, 0, 5, 9])).toBe(1);
    expect(durationStability([0, -1, 0, 5, -9])).toBe(0);
    expect(durationStability([1, 2])).toBeNull();
    const history = tell([
      ...Array.from({ length: 5 }, () => ({ status: 0, durationMs: 10 })),
      { status: 1, durationMs: 9000 },
      { status: 0 },
    ]);
    expect(passingDurations(history)).toHaveLength(5);
    expect(suiteDurationStability([history])).toMatchObject({ value: 1, runs: 5 });
  });
});

describe('qualityScore', () => {
  const recovery = recoveryTime(failureEpisodes(told('PFPP')));
  const input = { passed: 950, judged: 1000, stability: 0.9, durationStability: 0.8, recovery };

  it('adds its parts', () => {
    const score = qualityScore(input);
    const expected = 50 * wilson(950, 1000).low + 30 * 0.9 + 10 * 0.8 + 10 * 0.5;
    expect(score.value).toBeCloseTo(expected, 12);
    expect(score.band).toBe('good');
    expect(score.parts.reduce((sum, part) => sum + part.points, 0)).toBeCloseTo(expected, 12);
  });

  it('leaves out a part without data and refuses without outcomes', () => {
    const score = qualityScore({ ...input, durationStability: null });
    expect(score.parts.map((part) => part.weight)).toEqual([500 / 9, 300 / 9, 0, 100 / 9]);
    expect(qualityScore({ ...input, judged: 0, passed: 0 })).toMatchObject({
      status: 'insufficient_data',
      value: null,
    });
    const perfect = { passed: 1e6, judged: 1e6, stability: 1, durationStability: 1, recovery: recoveryTime([]) };
    expect(qualityScore(perfect)).toMatchObject({ band: 'excellent' });
    const worst = qualityScore({ ...perfect, passed: 0, stability: 0, durationStability: 0 });
    expect(worst).toMatchObject({ band: 'critical', value: 10 });
  });

  it('takes a project policy', () => {
    const weights = { passRate: 1, stability: 0, durationStability: 0, recovery: 0 };
    const score = qualityScore(input, {
      weights,
      bands: [
        { id: 'ok', from: 50 },
        { id: 'bad', from: 0 },
      ],
    });
    expect(score.value).toBeCloseTo(100 * wilson(950, 1000).low, 12);
    expect(score.band).toBe('ok');
    expect(DEFAULT_QUALITY_POLICY.bands.map(({ from }) => bandOf(from))).toEqual([
      'excellent',
      'good',
      'fair',
      'poor',
      'critical',
    ]);
    expect(bandOf(59.99)).toBe('critical');
  });
});

describe('reliability, benchmark, thresholds', () => {
  it('is 100 x the share of runs without an unexcused failure', () => {
    const result = reliability([0, 0, 0, 2].map((unexcusedFailures) => ({ unexcusedFailures })));
    expect(result).toMatchObject({ status: 'ok', value: 75, numerator: 3, denominator: 4 });
    expect(result.low).toBeCloseTo(100 * wilson(3, 4).low, 12);
    expect(reliability([])).toMatchObject({ status: 'insufficient_data', value: null });
  });

  it('ranks against the others', () => {
    expect(benchmark(80, [90, 70, null, 60])).toMatchObject({ rank: 2, of: 4, median: 75, best: 90 });
    expect(benchmark(80, [90, 70, null, 60]).percentile).toBeCloseTo(2 / 3, 12);
    expect(benchmark(80, [])).toMatchObject({ status: 'insufficient_data' });
    expect(benchmark(null, [1])).toMatchObject({ status: 'insufficient_data', of: 1 });
  });

  it('says which limits are broken', () => {
    const limits = [
      { id: 'a', metric: 'score', comparison: 'at_least' as const, limit: 70 },
      { id: 'b', metric: 'mttr', comparison: 'at_most' as const, limit: 24 },
    ];
    expect(thresholdViolations(limits, { score: 70, mttr: 25 }).map(({ id }) => id)).toEqual(['b']);
    expect(thresholdViolations(limits, { score: null })).toEqual([]);
  });
});

describe('limits of a project', () => {
  it('take the place of the default ones, one by one', () => {
    expect(thresholdsWith()).toEqual(DEFAULT_QUALITY_THRESHOLDS);
    const own = { minimumScore: 95, minimumPassRate: 0, maximumFlakiness: 0.2, maximumMttrHours: 8 };
    expect(thresholdsWith(own).map(({ limit }) => limit)).toEqual([95, 0, 0.2, 8]);
    expect(thresholdsWith({ maximumMttrHours: 8 }).map(({ limit }) => limit)).toEqual([70, 0.9, 0.05, 8]);
  });
});

describe('discrimination', () => {
  it('knows the AUC, ties counting half', () => {
    expect(auc([3, 4], [1, 2])).toBe(1);
    expect(auc([1, 2], [1, 2])).toBe(0.5);
    expect(auc([0.8, 0.4], [0.1, 0.4, 0.9])).toBeCloseTo(3.5 / 6, 12);
    expect(auc([], [1])).toBeNull();
    const estimate = aucWithInterval([2, 3, 5], [1, 2, 4], { seed: 1, rounds: 200 });
    expect(estimate).toEqual(aucWithInterval([2, 3, 5], [1, 2, 4], { seed: 1, rounds: 200 }));
    expect(estimate.low! < estimate.value! && estimate.value! < estimate.high!).toBe(true);
  });

  it('knows the Brier score', () => {
    const pairs = [
      { probability: 0.9, failed: true },
      { probability: 0.2, failed: false },
    ];
    expect(evaluateBrier(pairs, 0.5)).toMatchObject({ n: 2, baseline: 0.25 });
    expect(evaluateBrier(pairs, 0.5).brier).toBeCloseTo(0.025, 12);
    expect(evaluateBrier([], 0.5)).toMatchObject({ status: 'insufficient_data', skill: null });
  });

  it('predicts from the newest outcome, its rates and its suite', () => {
    const suite = { nP: 1000, nPF: 10, nF: 20, nFP: 10 };
    const predict = (recent: number[], test: typeof suite): number =>
      predictNextFailure({ test, suite, recent }).probability!;
    const green = predict(new Array<number>(50).fill(0), { nP: 49, nPF: 0, nF: 0, nFP: 0 });
    const red = predict(new Array<number>(50).fill(1), { nP: 0, nPF: 0, nF: 49, nFP: 0 });
    expect(green).toBeLessThan(0.01);
    expect(red).toBeGreaterThan(0.9);
    expect(predictNextFailure({ test: suite, suite, recent: [] })).toMatchObject({ probability: null });
  });
});
