import type { QualityFacts, TestFact } from './quality-facts.js';
import type { QualityRule, Severity } from './rules.js';
import { byFlakiness, percent, plural, runEvidence, testEvidence } from './rules.js';

const HOUR_MS = 3_600_000;
const labelled = (facts: QualityFacts, ...labels: readonly string[]): TestFact[] =>
  facts.tests.filter((test) => labels.includes(test.assessment.label));

const gravity = (share: number, steps: readonly [number, number, number]): Severity => {
  const [medium, high, critical] = steps;
  if (share >= critical) return 'critical';
  if (share >= high) return 'high';
  return share >= medium ? 'medium' : 'low';
};

const brokenTests: QualityRule = {
  id: 'broken_tests',
  evaluate: (facts) => {
    const tests = labelled(facts, 'broken');
    if (tests.length === 0) return undefined;
    const share = tests.length / facts.tests.length;
    return {
      severity: gravity(share, [0.005, 0.02, 0.1]),
      message: `${plural(tests.length, 'test fails', 'tests fail')} in every run since they broke (${percent(share)} of all)`,
      evidence: testEvidence(tests, { broken: tests.length, tests: facts.tests.length }),
    };
  },
};

const flakyTests: QualityRule = {
  id: 'flaky_tests',
  evaluate: (facts) => {
    const tests = byFlakiness(labelled(facts, 'confirmed', 'suspected'));
    if (tests.length === 0) return undefined;
    const share = tests.length / facts.tests.length;
    const confirmed = labelled(facts, 'confirmed').length;
    return {
      severity: gravity(share, [0.01, 0.05, 0.15]),
      message: `${plural(tests.length, 'test')} (${percent(share)}) change their outcome without cause: ${confirmed} confirmed on the same code, ${tests.length - confirmed} suspected`,
      evidence: testEvidence(tests, { confirmed, suspected: tests.length - confirmed, tests: facts.tests.length }),
    };
  },
};

const OLD_FAILURE_HOURS = 72;

const longOpenFailures: QualityRule = {
  id: 'long_open_failures',
  evaluate: (facts) => {
    const hoursOf = (test: TestFact): number =>
      Math.max(0, ...test.openEpisodes.map((episode) => (facts.now - episode.from) / HOUR_MS));
    const tests = facts.tests.filter((test) => hoursOf(test) >= OLD_FAILURE_HOURS);
    if (tests.length === 0) return undefined;
    tests.sort((a, b) => hoursOf(b) - hoursOf(a));
    const oldest = hoursOf(tests[0]!);
    return {
      severity: oldest >= 4 * OLD_FAILURE_HOURS ? 'high' : 'medium',
      message: `${plural(tests.length, 'test has', 'tests have')} been failing for more than three days, the oldest for ${Math.floor(oldest / 24)} days`,
      evidence: testEvidence(tests, { tests: tests.length, oldestHours: oldest }, (test) =>
        test.openEpisodes.map((episode) => episode.firstRunId),
      ),
    };
  },
};

/** Two counts differ by more than chance at 1 % (two proportions, pooled z). */
const dropZ = (
  before: { numerator: number; denominator: number },
  now: { numerator: number; denominator: number },
): number => {
  if (before.denominator === 0 || now.denominator === 0) return 0;
  const pooled = (before.numerator + now.numerator) / (before.denominator + now.denominator);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / before.denominator + 1 / now.denominator));
  return error > 0 ? (before.numerator / before.denominator - now.numerator / now.denominator) / error : 0;
};

const passRateDrop: QualityRule = {
  id: 'pass_rate_drop',
  evaluate: ({ passRate, previousPassRate, recentRuns }) => {
    if (previousPassRate === undefined || dropZ(previousPassRate, passRate) < 2.576) return undefined;
    const [before, now] = [previousPassRate, passRate].map((rate) => rate.numerator / rate.denominator) as [
      number,
      number,
    ];
    if (before - now < 0.005) return undefined;
    return {
      severity: gravity(before - now, [0.02, 0.05, 0.15]),
      message: `The pass rate fell from ${percent(before)} to ${percent(now)}, more than chance explains`,
      evidence: runEvidence(recentRuns, { before, now }),
    };
  },
};

const outages: QualityRule = {
  id: 'outages',
  evaluate: ({ outages: found }) =>
    found.length === 0
      ? undefined
      : {
          severity: found.length > 2 ? 'high' : 'medium',
          message: `${plural(found.length, 'run was an outage', 'runs were outages')}: almost everything failed at once; left out of flakiness`,
          evidence: runEvidence(
            found.map((outage) => outage.runId),
            { outages: found.length },
          ),
        },
};

const slowRecovery: QualityRule = {
  id: 'slow_recovery',
  evaluate: (facts) => {
    const { meanHours, closed, open } = facts.recovery;
    if (meanHours === null || meanHours < 48 || closed < 3) return undefined;
    const tests = facts.tests.filter((test) => test.openEpisodes.length > 0);
    return {
      severity: meanHours >= 168 ? 'high' : 'medium',
      message: `It takes ${(meanHours / 24).toFixed(1)} days on average until a failing test passes again`,
      evidence: { ...testEvidence(tests, { meanHours, closed, open }), runs: facts.recentRuns.slice(0, 5) },
    };
  },
};

const unsteadyDurations: QualityRule = {
  id: 'unsteady_durations',
  evaluate: (facts) => {
    const tests = facts.tests
      .filter((test) => test.durationStability !== null && test.durationStability < 0.5)
      .sort((a, b) => a.durationStability! - b.durationStability!);
    if (tests.length === 0) return undefined;
    return {
      severity: tests.length / facts.tests.length >= 0.1 ? 'medium' : 'low',
      message: `${plural(tests.length, 'test takes', 'tests take')} times that deviate by more than half of their median`,
      evidence: testEvidence(tests, { tests: tests.length }),
    };
  },
};

const weakSuite: QualityRule = {
  id: 'failures_concentrate_in_a_suite',
  evaluate: (facts) => {
    const bad = facts.tests.filter((test) => ['broken', 'failing'].includes(test.assessment.label));
    if (bad.length < 5) return undefined;
    const suites = new Map<string, TestFact[]>();
    for (const test of bad) suites.set(test.suite, [...(suites.get(test.suite) ?? []), test]);
    const [suite, tests] = [...suites].sort((a, b) => b[1].length - a[1].length)[0]!;
    if (tests.length / bad.length < 0.6) return undefined;
    return {
      severity: 'high',
      message: `${tests.length} of ${bad.length} failing tests are in "${suite}"`,
      evidence: testEvidence(tests, { inSuite: tests.length, failing: bad.length }),
    };
  },
};

/** Risk factors of a scope (statistics.md section 6). */
export const RISK_RULES: readonly QualityRule[] = [
  brokenTests,
  flakyTests,
  longOpenFailures,
  passRateDrop,
  outages,
  slowRecovery,
  unsteadyDurations,
  weakSuite,
];
