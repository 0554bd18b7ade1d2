import type { QualityFacts, TestFact } from './quality-facts.js';

export const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Links to what caused a finding: ids, worst first. A finding without any of them is not printed. */
export interface FindingEvidence {
  readonly tests: readonly string[];
  readonly runs: readonly string[];
  /** The figures that the rule looked at. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly message: string;
  readonly evidence: FindingEvidence;
}

/** A rule is data: what it looks at and says is `evaluate`; undefined where it has nothing to say. */
export interface QualityRule {
  readonly id: string;
  readonly evaluate: (facts: QualityFacts) => Omit<Finding, 'id'> | undefined;
}

const LINKS = 20;

/** Applies rules to facts, the gravest finding first; nothing without evidence. */
export const evaluateRules = (rules: readonly QualityRule[], facts: QualityFacts): Finding[] =>
  rules
    .flatMap((rule) => {
      const finding = rule.evaluate(facts);
      return finding ? [{ id: rule.id, ...finding }] : [];
    })
    .filter(({ evidence }) => evidence.tests.length + evidence.runs.length > 0)
    .sort((a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity));

/** Evidence made of tests and the runs behind their labels, without duplicates. */
export const testEvidence = (
  tests: readonly TestFact[],
  figures: FindingEvidence['figures'],
  runsOf: (test: TestFact) => readonly string[] = (test) => test.evidenceRuns,
): FindingEvidence => ({
  tests: tests.slice(0, LINKS).map((test) => test.testId),
  runs: [...new Set(tests.slice(0, LINKS).flatMap(runsOf))].slice(0, LINKS),
  figures,
});

/** Evidence made of runs. */
export const runEvidence = (runs: readonly string[], figures: FindingEvidence['figures']): FindingEvidence => ({
  tests: [],
  runs: runs.slice(0, LINKS),
  figures,
});

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Tests ranked by the lower bound of their flakiness, highest first. */
export const byFlakiness = (tests: readonly TestFact[]): TestFact[] =>
  [...tests].sort((a, b) => b.assessment.flakiness.low - a.assessment.flakiness.low);
