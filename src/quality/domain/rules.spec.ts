import { describe, expect, it } from '@jest/globals';
import { INSIGHT_RULES, RECOMMENDATION_RULES } from './advice-rules.js';
import { failureEpisodes, recoveryTime } from './episodes.js';
import { FlakinessPosteriors } from './flakiness-posterior.js';
import { assessTest } from './flakiness.js';
import type { QualityFacts, TestFact } from './quality-facts.js';
import { countLabels } from './quality-facts.js';
import { qualityScore } from './quality-score.js';
import { reliability } from './reliability.js';
import { RISK_RULES } from './risk-rules.js';
import { SEVERITIES, evaluateRules } from './rules.js';
import { stability } from './stability.js';
import type { Told } from './testing/histories.js';
import { DAY_MS, outcomes, tell } from './testing/histories.js';

const posteriors = new FlakinessPosteriors();
const NOW = 60 * DAY_MS;

const fact = (testId: string, stories: readonly Told[], override: Partial<TestFact> = {}): TestFact => {
  const history = tell(stories);
  const assessment = assessTest(history, posteriors, NOW);
  return {
    testId,
    name: `test ${testId}`,
    suite: 'shop',
    assessment,
    evidenceRuns: assessment.evidenceRuns.map((run) => history.table.runs[run]!.runId),
    quarantined: false,
    durationStability: null,
    openEpisodes: failureEpisodes(history)
      .filter((episode) => episode.to === undefined)
      .map((episode) => ({ ...episode, firstRunId: `run-${episode.firstRun}` })),
    ...override,
  };
};

const factsOf = (tests: readonly TestFact[], override: Partial<QualityFacts> = {}): QualityFacts => {
  const recovery = recoveryTime([]);
  return {
    now: NOW,
    tests,
    score: qualityScore({ passed: 990, judged: 1000, stability: 0.95, durationStability: 0.9, recovery }),
    passRate: { numerator: 990, denominator: 1000 },
    stability: stability(tests.map((test) => test.assessment)),
    recovery,
    reliability: reliability([]),
    outages: [],
    retries: { outcomes: 0, wastedMs: 0, runs: [] },
    recentRuns: ['run-59', 'run-58'],
    ...override,
  };
};

const STABLE = outcomes('P'.repeat(50));
const BROKEN = outcomes('P'.repeat(50) + 'FFFFFF');
const FLAKY: Told[] = [...outcomes('P'.repeat(50)), { status: 0, attempts: 2, flaky: true }];
const SUSPECTED = outcomes(('P'.repeat(9) + 'F').repeat(5));
const ALL_RULES = [...RISK_RULES, ...RECOMMENDATION_RULES, ...INSIGHT_RULES];
const idsOf = (facts: QualityFacts): string[] => evaluateRules(ALL_RULES, facts).map((finding) => finding.id);

describe('quality rules', () => {
  it('say nothing of a healthy scope or an empty one', () => {
    expect(idsOf(factsOf([fact('a', STABLE), fact('b', STABLE)]))).toEqual([]);
    expect(idsOf(factsOf([], { recentRuns: [] }))).toEqual([]);
  });

  it('have ids of their own, and findings link to what caused them, the gravest first', () => {
    expect(new Set(ALL_RULES.map((rule) => rule.id)).size).toBe(ALL_RULES.length);
    const tests = [fact('broken', BROKEN), fact('flaky', FLAKY), fact('shaky', SUSPECTED), fact('fine', STABLE)];
    const findings = evaluateRules(ALL_RULES, factsOf(tests, { recovery: recoveryTime([]) }));
    expect(findings.map((one) => one.id).sort()).toEqual([
      'broken_tests',
      'fix_or_remove_broken',
      'flaky_tests',
      'long_open_failures',
      'quarantine_confirmed_flaky',
      'rerun_suspected',
    ]);
    for (const { evidence } of findings) expect(evidence.tests.length + evidence.runs.length).toBeGreaterThan(0);
    const ranks = findings.map((one) => SEVERITIES.indexOf(one.severity));
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    const broken = findings.find((one) => one.id === 'broken_tests')!;
    expect(broken).toMatchObject({ severity: 'critical', evidence: { tests: ['broken'], figures: { broken: 1 } } });
    expect(broken.evidence.runs).toContain('run-55');
  });

  it('know when quarantine has done its work', () => {
    const tests = [fact('healed', STABLE, { quarantined: true }), fact('flaky', FLAKY, { quarantined: true })];
    expect(idsOf(factsOf(tests))).toEqual(['flaky_tests', 'release_quarantined_stable']);
  });

  it('tell a fall of the pass rate from chance', () => {
    const tests = [fact('a', STABLE)];
    const now = { numerator: 900, denominator: 1000 };
    const drop = { passRate: now, previousPassRate: { numerator: 980, denominator: 1000 } };
    expect(idsOf(factsOf(tests, drop))).toEqual(['pass_rate_drop']);
    const chance = {
      passRate: { numerator: 9, denominator: 10 },
      previousPassRate: { numerator: 98, denominator: 100 },
    };
    expect(idsOf(factsOf(tests, chance))).toEqual([]);
  });

  it('notice outages, slow recovery, unsteady durations and suites that carry the failures', () => {
    const slow = recoveryTime(failureEpisodes(tell(outcomes('PFFFFFFFFFFPFFFFFFFFFFFPFFFFFFFFFFFP'))));
    const outage = {
      runId: 'run-7',
      branch: 'main',
      startedAt: 0,
      judged: 99,
      failed: 90,
      medianBefore: 0,
      runsBefore: 9,
    };
    const tests = [
      ...['a', 'b', 'c', 'd', 'e'].map((id) => fact(id, BROKEN)),
      fact('slow', STABLE, { durationStability: 0.2 }),
    ];
    const findings = evaluateRules(RISK_RULES, factsOf(tests, { recovery: slow, outages: [outage] }));
    const ids = findings.map((one) => one.id);
    for (const id of ['outages', 'slow_recovery', 'unsteady_durations', 'failures_concentrate_in_a_suite'])
      expect(ids).toContain(id);
    expect(findings.find((one) => one.id === 'outages')!.evidence.runs).toEqual(['run-7']);
  });

  it('explain what moved the score', () => {
    const recovery = recoveryTime([]);
    const before = qualityScore({ passed: 990, judged: 1000, stability: 0.6, durationStability: 0.9, recovery });
    const finding = evaluateRules(INSIGHT_RULES, factsOf([fact('a', STABLE)], { previousScore: before }))[0];
    expect(finding).toMatchObject({ id: 'score_changed', severity: 'info' });
    expect(finding!.message).toContain('most of it from stability');
  });

  it('counts labels', () => {
    expect(countLabels(['new', 'stable', 'stable'])).toMatchObject({ new: 1, stable: 2, broken: 0 });
  });
});
