import type { GateDefinition, GateRuleId, Severity } from './gate.js';
import { evaluateRule, type GateFacts, type RuleFinding, type RuleVerdict } from './gate-rules.js';

export type GateVerdict = RuleVerdict;

/** Of a rule, or of `completeness`: whether all of the build is there. */
export interface GateReason extends RuleFinding {
  readonly rule: GateRuleId | 'completeness';
  readonly severity: Severity;
  readonly threshold: number | null;
}

/** How much of a build has come in. */
export interface Completeness {
  readonly shardsSeen: readonly number[];
  /** undefined where no run has said how many there are. */
  readonly shardsExpected?: number;
  readonly running: readonly string[];
  readonly aborted: readonly string[];
}

/** What has been found cannot be mended by results that are still to come: more outcomes only add failures. */
const FINAL_WHEN_FAILED: readonly string[] = ['new_failures', 'failures'] satisfies GateRuleId[];

export const isComplete = ({ shardsSeen, shardsExpected, running }: Completeness): boolean =>
  running.length === 0 && (shardsExpected === undefined || shardsSeen.length >= shardsExpected);

const missingText = ({ shardsSeen, shardsExpected, running, aborted }: Completeness): string[] => [
  ...(running.length > 0 ? [`${running.length} of its runs still going on`] : []),
  ...(shardsExpected !== undefined && shardsSeen.length < shardsExpected
    ? [`${shardsSeen.length} of ${shardsExpected} shards seen`]
    : []),
  ...(aborted.length > 0 ? [`${aborted.length} of its runs aborted`] : []),
];

const completenessReason = (completeness: Completeness): GateReason[] => {
  const missing = missingText(completeness);
  if (missing.length === 0) return [];
  const { shardsSeen, shardsExpected } = completeness;
  return [
    {
      rule: 'completeness',
      severity: 'fail',
      verdict: 'insufficient_data',
      threshold: shardsExpected ?? null,
      value: shardsExpected === undefined ? null : shardsSeen.length,
      n: shardsSeen.length,
      message: missing.join(', '),
      evidence: [],
    },
  ];
};

/** The one verdict of several reasons: what only warns does not count. pass for none. */
export const verdictOf = (reasons: readonly GateReason[], complete: boolean): GateVerdict => {
  const strict = reasons.filter(({ severity }) => severity === 'fail');
  const failed = strict.filter(({ verdict }) => verdict === 'fail');
  if (failed.some(({ rule }) => complete || FINAL_WHEN_FAILED.includes(rule))) return 'fail';
  if (!complete || strict.some(({ verdict }) => verdict === 'insufficient_data')) return 'insufficient_data';
  return 'pass';
};

/** Judges a build, or a run, by a gate. */
export const evaluateGate = (
  facts: GateFacts,
  gate: GateDefinition,
  completeness: Completeness,
): { readonly verdict: GateVerdict; readonly reasons: readonly GateReason[] } => {
  const ofRules = gate.rules.map((rule) => {
    const { severity, threshold } = rule;
    return { rule: rule.rule, severity, threshold, ...evaluateRule(facts, rule) };
  });
  const reasons = [...completenessReason(completeness), ...ofRules];
  const complete = isComplete(completeness) && completeness.aborted.length === 0;
  return { verdict: verdictOf(reasons, complete), reasons };
};
