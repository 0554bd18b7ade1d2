/** What a rule can ask. `threshold` is a bound in the rule's own unit. */
export const GATE_RULES = {
  new_failures: {
    unit: 'tests',
    bound: 'max',
    fallback: 0,
    largest: 100_000,
    text: 'Tests that fail here, did not fail in the last `window` outcomes of the base branch, are not known to be flaky and not quarantined',
  },
  failures: {
    unit: 'tests',
    bound: 'max',
    fallback: 0,
    largest: 100_000,
    text: 'Tests that fail here, new or not, quarantined ones left out',
  },
  pass_rate: {
    unit: 'rate',
    bound: 'min',
    fallback: 0.95,
    largest: 1,
    text: 'passed / (passed + failed + broken + timeout) of the outcomes, quarantined tests left out',
  },
  flakiness: {
    unit: 'rate',
    bound: 'max',
    fallback: 0.05,
    largest: 1,
    text: 'Share of the outcomes that passed only after a failure on the same code, quarantined tests left out',
  },
  duration: {
    unit: 'ratio',
    bound: 'max',
    fallback: 1.2,
    largest: 1000,
    text: 'Time of the passing tests here against the sum of their median passing times on the base branch, test by test',
  },
  slower_tests: {
    unit: 'tests',
    bound: 'max',
    fallback: 0,
    largest: 100_000,
    text: 'Tests that have become significantly slower than on the base branch',
  },
  tests_run_coverage: {
    unit: 'rate',
    bound: 'min',
    fallback: 0.9,
    largest: 1,
    text: 'Share of the tests that ran on the base branch on its last three days with results, that ran here too',
  },
} as const;

export type GateRuleId = keyof typeof GATE_RULES;
export const GATE_RULE_IDS = Object.keys(GATE_RULES) as GateRuleId[];

export const SEVERITIES = ['fail', 'warn'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A rule as data. */
export interface GateRule {
  readonly rule: GateRuleId;
  readonly threshold: number;
  /** warn: the reason is shown, the verdict stays. */
  readonly severity: Severity;
  /** Fewer outcomes (tests, for rules that compare tests) than this: insufficient_data. */
  readonly minimumSample: number;
}

export interface GateDefinition {
  /** `builtin` for the one that is there before anybody made one. */
  readonly gateId: string;
  readonly version: number;
  readonly name: string;
  readonly baseBranch: string;
  /** Newest outcomes of the base branch that tell whether a failure is new. */
  readonly window: number;
  readonly rules: readonly GateRule[];
}

export const DEFAULT_BASE_BRANCH = 'main';
export const DEFAULT_WINDOW = 5;

/** Applies where neither the project nor the organization has a gate, so that the very first call from CI is answered. */
export const BUILTIN_GATE: GateDefinition = {
  gateId: 'builtin',
  version: 1,
  name: 'No new failures',
  baseBranch: DEFAULT_BASE_BRANCH,
  window: DEFAULT_WINDOW,
  rules: [{ rule: 'new_failures', threshold: 0, severity: 'fail', minimumSample: 1 }],
};

const NEEDS_ALL: readonly GateRuleId[] = ['duration', 'slower_tests'];

/** Whether a gate looks at the durations of tests that pass: then their histories have to be read too. */
export const needsDurations = (gate: GateDefinition): boolean =>
  gate.rules.some(({ rule }) => NEEDS_ALL.includes(rule));
