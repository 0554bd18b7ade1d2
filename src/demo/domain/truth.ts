/** What is known about a demo because it was made so; tests of trends and quality check their answers against it. */
export interface DemoTruth {
  readonly seed: number;
  readonly days: number;
  /** First midnight (UTC) and the instant up to which there are runs. */
  readonly from: Date;
  readonly to: Date;
  readonly organization: string;
  readonly project: string;
  readonly suites: readonly string[];
  /** Every test that ever ran. */
  readonly tests: readonly TestKey[];
  readonly runs: number;
  readonly flaky: readonly FlakyTruth[];
  /** Absent in a demo of fewer than 14 days. */
  readonly regression?: RegressionTruth;
  readonly outage?: OutageTruth;
  /** On this UTC weekday (1 = Monday) `tests` tests fail in every run; other tests each week. */
  readonly season: { readonly lagDays: 7; readonly weekday: number; readonly tests: number };
  /** Genuine breakages of one test, in order; without `fix` still open at the end. */
  readonly episodes: readonly EpisodeTruth[];
  readonly renamed?: { readonly from: TestKey; readonly to: TestKey; readonly firstRun: string };
  readonly added: readonly TestKey[];
  readonly removed: readonly TestKey[];
  /** Factor by which durations grow from the first day to the last. */
  readonly durationGrowth: number;
}

export interface TestKey {
  readonly suite: string;
  readonly name: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface FlakyTruth {
  readonly test: TestKey;
  /** Probability that one attempt fails. */
  readonly rate: number;
}

/** A build that is one run, by what identifies it to a client. */
export interface RunRef {
  readonly externalId: string;
  readonly commit: string;
  readonly startedAt: Date;
}

export interface RegressionTruth {
  readonly tests: readonly TestKey[];
  readonly lastGood: RunRef;
  readonly culprit: RunRef;
  readonly fix: RunRef;
}

export interface OutageTruth {
  /** UTC midnight. */
  readonly day: Date;
  readonly run: RunRef;
  readonly failedShare: number;
}

export interface EpisodeTruth {
  readonly test: TestKey;
  readonly culprit: RunRef;
  readonly fix?: RunRef;
}
