import { median, wilson } from '../../common/stats/index.js';
import type { BaseHistory, TestPast } from './base-history.js';
import type { GateDefinition, GateRule, GateRuleId } from './gate.js';
import { hasRun, isFailed, isPassed, worstByTest, type Outcome } from './outcomes.js';
import { slowerTests } from './slower.js';

export type RuleVerdict = 'pass' | 'fail' | 'insufficient_data';

/** One test that a reason rests on. */
export interface TestEvidence {
  readonly test: number;
  readonly outcome?: Outcome;
  readonly note: string;
  /** Runs on the base branch that the note rests on. */
  readonly runIds: readonly string[];
}

export interface RuleFinding {
  readonly verdict: RuleVerdict;
  readonly value: number | null;
  readonly n: number;
  readonly numerator?: number;
  readonly interval?: { readonly low: number; readonly high: number };
  readonly message: string;
  readonly evidence: readonly TestEvidence[];
}

/** Everything that a gate is judged by. */
export interface GateFacts {
  readonly outcomes: readonly Outcome[];
  readonly base: BaseHistory;
  readonly pastOf: (test: number) => TestPast;
  readonly quarantined: ReadonlySet<number>;
  readonly gate: GateDefinition;
}

const FLAKY_LABELS: readonly string[] = ['confirmed', 'suspected'];
const MIN_RECENT_KNOWN = 0;

type FailureKind = 'new' | 'known' | 'flaky' | 'quarantined';

export interface ClassifiedFailure extends TestEvidence {
  readonly kind: FailureKind;
}

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const classify = (outcome: Outcome, { pastOf, quarantined, gate }: GateFacts): ClassifiedFailure => {
  const { test } = outcome;
  if (quarantined.has(test)) return { kind: 'quarantined', test, outcome, note: 'quarantined', runIds: [] };
  const past = pastOf(test);
  if (FLAKY_LABELS.includes(past.label))
    return {
      kind: 'flaky',
      test,
      outcome,
      note: `${past.label} flaky on ${gate.baseBranch}`,
      runIds: past.evidenceRunIds,
    };
  const runIds = past.lastRunId === undefined ? [] : [past.lastRunId];
  if (past.recentFailures > MIN_RECENT_KNOWN) {
    const note = `failed in ${past.recentFailures} of the last ${plural(past.recent, 'outcome')} on ${gate.baseBranch}`;
    return { kind: 'known', test, outcome, note, runIds };
  }
  const note =
    past.recent === 0
      ? `has not run on ${gate.baseBranch} before`
      : `did not fail in the last ${plural(past.recent, 'outcome')} on ${gate.baseBranch}`;
  return { kind: 'new', test, outcome, note, runIds };
};

/** Every failing test with what is known of it, once; by test number. */
export const classifyFailures = (facts: GateFacts): ClassifiedFailure[] =>
  [...worstByTest(facts.outcomes).values()]
    .filter(isFailed)
    .sort((a, b) => a.test - b.test)
    .map((outcome) => classify(outcome, facts));

/** The outcomes that rates are made of. */
const judged = ({ outcomes, quarantined }: GateFacts): Outcome[] =>
  outcomes.filter((outcome) => hasRun(outcome) && !quarantined.has(outcome.test));

const insufficient = (n: number, message: string): RuleFinding => ({
  verdict: 'insufficient_data',
  value: null,
  n,
  message,
  evidence: [],
});

const newFailures = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  const failures = classifyFailures(facts);
  const found = failures.filter(({ kind }) => kind === 'new');
  const n = judged(facts).length;
  if (found.length > threshold && facts.base.outcomes === 0)
    return {
      ...insufficient(
        n,
        `${facts.gate.baseBranch} has no results to tell a new failure by: post some, or name another baseBranch`,
      ),
      evidence: found,
    };
  const others = (['flaky', 'quarantined', 'known'] as const)
    .map((kind) => [kind, failures.filter((failure) => failure.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${kind}`);
  const beside = others.length > 0 ? ` (not counted: ${others.join(', ')})` : '';
  return {
    verdict: found.length > threshold ? 'fail' : 'pass',
    value: found.length,
    n,
    message: `${plural(found.length, 'new failure')}${beside}`,
    evidence: found,
  };
};

const failures = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  const found = classifyFailures(facts).filter(({ kind }) => kind !== 'quarantined');
  return {
    verdict: found.length > threshold ? 'fail' : 'pass',
    value: found.length,
    n: judged(facts).length,
    message: plural(found.length, 'failing test'),
    evidence: found,
  };
};

const percent = (rate: number): string => `${(Math.floor(rate * 10_000) / 100).toFixed(2)} %`;

const rateFinding = (
  numerator: number,
  n: number,
  ok: (rate: number) => boolean,
  what: string,
  evidence: readonly TestEvidence[],
): RuleFinding => {
  const value = numerator / n;
  const message = `${what} ${percent(value)} (${numerator} of ${n})`;
  return {
    verdict: ok(value) ? 'pass' : 'fail',
    value,
    n,
    numerator,
    interval: wilson(numerator, n),
    message,
    evidence,
  };
};

const passRate = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  const all = judged(facts);
  const evidence = classifyFailures(facts).filter(({ kind }) => kind !== 'quarantined');
  return rateFinding(all.filter(isPassed).length, all.length, (rate) => rate >= threshold, 'pass rate', evidence);
};

const flakiness = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  const all = judged(facts);
  const flaky = all.filter((outcome) => outcome.flaky);
  const evidence = flaky.map((outcome) => ({
    test: outcome.test,
    outcome,
    note: 'passed after a failure',
    runIds: [],
  }));
  return rateFinding(flaky.length, all.length, (rate) => rate <= threshold, 'flaky', evidence);
};

const passingUs = (outcomes: readonly Outcome[]): Map<number, { readonly outcome: Outcome; readonly us: number[] }> => {
  const found = new Map<number, { readonly outcome: Outcome; readonly us: number[] }>();
  for (const outcome of outcomes) {
    if (!isPassed(outcome) || Number.isNaN(outcome.durationUs)) continue;
    const known = found.get(outcome.test);
    if (known) known.us.push(outcome.durationUs);
    else found.set(outcome.test, { outcome, us: [outcome.durationUs] });
  }
  return found;
};

const FEWEST_DURATIONS = 3;
const MOST_EVIDENCE = 100;

const duration = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  let [here, before] = [0, 0];
  const compared: { readonly outcome: Outcome; readonly more: number; readonly ratio: number }[] = [];
  for (const [test, { outcome, us }] of passingUs(facts.outcomes)) {
    const past = facts.base.durationsOf(test);
    if (past.length < FEWEST_DURATIONS) continue;
    const [now, used] = [median(us), median(past)];
    here += now;
    before += used;
    compared.push({ outcome, more: now - used, ratio: now / used });
  }
  const n = compared.length;
  if (before === 0) return insufficient(n, 'no test has passed often enough on the base branch to compare durations');
  const value = here / before;
  const seconds = (us: number): string => `${(us / 1e6).toFixed(1)} s`;
  const evidence = compared
    .filter(({ more }) => more > 0)
    .sort((a, b) => b.more - a.more)
    .slice(0, MOST_EVIDENCE)
    .map(({ outcome, more }) => ({
      test: outcome.test,
      outcome,
      note: `${seconds(more)} longer than usual`,
      runIds: [],
    }));
  const message = `${seconds(here)} against ${seconds(before)} on ${facts.gate.baseBranch}, ${value.toFixed(2)} times`;
  return {
    verdict: value <= threshold ? 'pass' : 'fail',
    value,
    n,
    message,
    evidence: value <= threshold ? [] : evidence,
  };
};

const slower = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  const here = passingUs(facts.outcomes);
  const { tested, slower: found } = slowerTests(
    [...here].map(([test, { us }]) => [test, us, facts.base.durationsOf(test)] as const),
  );
  if (tested === 0) return insufficient(0, 'no test has passed often enough on the base branch to compare durations');
  const evidence = found.map(({ test, ratio, headMs, referenceMs, q }) => ({
    test,
    outcome: here.get(test)!.outcome,
    note: `${headMs.toFixed(0)} ms against ${referenceMs.toFixed(0)} ms, ${ratio.toFixed(2)} times (q = ${q.toPrecision(2)})`,
    runIds: [],
  }));
  const verdict = found.length > threshold ? 'fail' : 'pass';
  return { verdict, value: found.length, n: tested, message: plural(found.length, 'slower test'), evidence };
};

const coverage = (facts: GateFacts, { threshold }: GateRule): RuleFinding => {
  const expected = [...facts.base.activeTests].filter((test) => !facts.quarantined.has(test));
  if (expected.length === 0) return insufficient(0, `${facts.gate.baseBranch} has no results to tell what should run`);
  const ran = new Set(facts.outcomes.filter(hasRun).map(({ test }) => test));
  const missing = expected.filter((test) => !ran.has(test));
  const evidence = missing.map((test) => ({ test, note: 'did not run', runIds: [] }));
  const done = expected.length - missing.length;
  return rateFinding(done, expected.length, (rate) => rate >= threshold, 'tests run', evidence);
};

const EVALUATORS: Readonly<Record<GateRuleId, (facts: GateFacts, rule: GateRule) => RuleFinding>> = {
  new_failures: newFailures,
  failures,
  pass_rate: passRate,
  flakiness,
  duration,
  slower_tests: slower,
  tests_run_coverage: coverage,
};

/** One rule's finding. A build without a judged outcome, or with fewer than the rule's sample, says nothing. */
export const evaluateRule = (facts: GateFacts, rule: GateRule): RuleFinding => {
  const n = judged(facts).length;
  const least = Math.max(1, rule.minimumSample);
  if (n < least) return insufficient(n, `${plural(n, 'outcome')}, at least ${least} needed`);
  const finding = EVALUATORS[rule.rule](facts, rule);
  return finding.n < least && finding.value !== null
    ? { ...finding, verdict: 'insufficient_data', message: `${finding.message}; at least ${least} needed` }
    : finding;
};
