import { describe, expect, it } from '@jest/globals';
import { BaseHistory, type TestPast } from './base-history.js';
import { type Completeness, evaluateGate, verdictOf, type GateReason } from './evaluate-gate.js';
import { BUILTIN_GATE, GATE_RULE_IDS, GATE_RULES, type GateDefinition, type GateRuleId } from './gate.js';
import type { GateFacts } from './gate-rules.js';
import type { Outcome } from './outcomes.js';
import { outcome } from './testing/outcomes.js';
import { verdictText } from './verdict-text.js';

const WHOLE: Completeness = { shardsSeen: [], running: [], aborted: [] };
const PAST: TestPast = {
  label: 'stable',
  recent: 5,
  recentFailures: 0,
  evidence: 20,
  evidenceRunIds: ['e'],
  lastRunId: 'l',
};

const facts = (outcomes: readonly Outcome[], more: Partial<GateFacts> = {}): GateFacts => ({
  outcomes,
  base: new BaseHistory(new Map(), new Map(), new Set([1, 2]), 100, 10),
  pastOf: () => PAST,
  quarantined: new Set(),
  gate: BUILTIN_GATE,
  ...more,
});

const gateOf = (rule: GateRuleId, threshold: number, more = {}): GateDefinition => ({
  ...BUILTIN_GATE,
  rules: [{ rule, threshold, severity: 'fail', minimumSample: 1, ...more }],
});

const judge = (outcomes: readonly Outcome[], gate: GateDefinition, more: Partial<GateFacts> = {}, whole = WHOLE) =>
  evaluateGate(facts(outcomes, { gate, ...more }), gate, whole);

const FAILED = [outcome(1, 'failed'), outcome(2, 'passed')];

describe('evaluateGate', () => {
  it.each<[string, Partial<TestPast>, string, number]>([
    ['fails for a test that passed', {}, 'fail', 1],
    ['fails for a test that is new', { recent: 0, label: 'insufficient_data', lastRunId: undefined }, 'fail', 1],
    ['fails for a test with few runs', { label: 'new', recent: 2 }, 'fail', 1],
    ['does not count what failed there lately', { recentFailures: 1, label: 'failing' }, 'pass', 0],
    ['does not count what is known to be flaky', { label: 'confirmed' }, 'pass', 0],
    ['does not count what is suspected to be flaky', { label: 'suspected' }, 'pass', 0],
  ])('%s on the base branch', (_, past, verdict, value) => {
    const answer = judge(FAILED, BUILTIN_GATE, { pastOf: () => ({ ...PAST, ...past }) });
    expect(answer).toMatchObject({ verdict, reasons: [{ rule: 'new_failures', value }] });
  });

  it('does not count what is in quarantine', () => {
    expect(judge(FAILED, BUILTIN_GATE, { quarantined: new Set([1]) })).toMatchObject({ verdict: 'pass' });
  });

  it('cannot tell a new failure without a base branch, and needs none where nothing fails', () => {
    const base = new BaseHistory(new Map(), new Map(), new Set(), 0, 0);
    expect(judge(FAILED, BUILTIN_GATE, { base }).verdict).toBe('insufficient_data');
    expect(judge([outcome(1, 'passed')], BUILTIN_GATE, { base }).verdict).toBe('pass');
  });

  it.each(GATE_RULE_IDS)('has no opinion by %s on nothing, nor on what was skipped', (rule) => {
    for (const outcomes of [[], [outcome(1, 'skipped')]])
      expect(judge(outcomes, gateOf(rule, GATE_RULES[rule].fallback))).toMatchObject({
        verdict: 'insufficient_data',
        reasons: [{ value: null, n: 0 }],
      });
  });

  it.each<[GateRuleId, number, string, number]>([
    ['pass_rate', 0.5, 'pass', 0.5],
    ['pass_rate', 0.51, 'fail', 0.5],
    ['failures', 1, 'pass', 1],
    ['failures', 0, 'fail', 1],
    ['flakiness', 0.5, 'pass', 0.5],
    ['flakiness', 0.4, 'fail', 0.5],
    ['tests_run_coverage', 1, 'pass', 1],
  ])('by %s of %d: %s', (rule, threshold, verdict, value) => {
    const outcomes = [outcome(1, 'failed'), outcome(2, 'passed', { flaky: true })];
    expect(judge(outcomes, gateOf(rule, threshold))).toMatchObject({ verdict, reasons: [{ value, n: 2 }] });
  });

  it('wants the sample that the rule asks for', () => {
    const answer = judge(FAILED, gateOf('pass_rate', 0.9, { minimumSample: 3 }));
    expect(answer).toMatchObject({ verdict: 'insufficient_data', reasons: [{ n: 2, value: null }] });
  });

  it('only says what it warns of', () => {
    const gate = gateOf('failures', 0, { severity: 'warn' });
    expect(judge(FAILED, gate)).toMatchObject({ verdict: 'pass', reasons: [{ verdict: 'fail', severity: 'warn' }] });
  });

  it.each<[string, Completeness]>([
    ['a run goes on', { ...WHOLE, running: ['r'] }],
    ['a shard is missing', { ...WHOLE, shardsSeen: [1], shardsExpected: 2 }],
    ['a run was aborted', { ...WHOLE, aborted: ['r'] }],
  ])('does not let pass while %s, and fails for what cannot be mended', (_, completeness) => {
    const green = [outcome(1, 'passed')];
    expect(judge(green, BUILTIN_GATE, {}, completeness).verdict).toBe('insufficient_data');
    expect(judge(FAILED, BUILTIN_GATE, {}, completeness).verdict).toBe('fail');
    expect(judge(FAILED, gateOf('pass_rate', 0.9), {}, completeness).verdict).toBe('insufficient_data');
  });

  it('is a pass for no reason at all', () => {
    expect(verdictOf([], true)).toBe('pass');
    const unsure = { severity: 'warn', verdict: 'insufficient_data', rule: 'duration' } as GateReason;
    expect(verdictOf([unsure], true)).toBe('pass');
  });
});

describe('verdictText', () => {
  const text = verdictText({
    verdict: 'fail',
    subject: 'build:b1',
    version: 2,
    asOf: 7,
    gate: { name: 'G\u001b[31m', baseBranch: 'main' },
    shards: { seen: [1], expected: 2 },
    reasons: [
      {
        ...{ rule: 'new_failures', severity: 'fail', verdict: 'fail', threshold: 0, message: '3 new failures' },
        evidenceTotal: 3,
        evidence: [{ suite: 's', name: 'a\nb\u0007', status: 'failed', note: 'n', href: '/h' }],
      },
      {
        ...{ rule: 'failures', severity: 'warn', verdict: 'fail', threshold: 0, message: '3 failing tests' },
        ...{ evidenceTotal: 0, evidence: [] },
      },
    ],
  });

  it('begins with the verdict and has a line per reason and test', () => {
    expect(text.split('\n')).toEqual([
      'FAIL  build:b1  (gate "G [31m", against main, shards 1 of 2)',
      '  FAIL new_failures: 3 new failures [threshold 0]',
      '         - s > a b  (failed): n  /h',
      '         - and 2 more',
      '  warn failures: 3 failing tests [threshold 0]',
      '  version 2, as of 7',
      '',
    ]);
  });

  it('lets no control character of a client through', () => {
    for (const control of ['\u0007', '\u001b', '\r']) expect(text).not.toContain(control);
  });
});
