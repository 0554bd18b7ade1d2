import type { Slices } from '../../../common/threads/index.js';
import type { TestAssessment } from '../../domain/flakiness.js';
import {
  FLAKINESS_DEFINITION,
  type FlakinessPosterior,
  type TransitionCounts,
} from '../../domain/flakiness-posterior.js';
import { LABEL_RULES, TEST_LABELS, type TestLabel } from '../../domain/labels.js';
import { historyOf, type SortedOutcomes } from '../../domain/outcome-columns.js';
import type { Disagreement } from '../../domain/same-code.js';
import type { DurationSpread, RunTable, TestHistory } from '../../domain/test-history.js';
import type { AssessedTest, Judged } from '../assessment.js';
import type { ScannedRun, ScannedTest } from '../outcome-collector.js';
import type { Clusters } from '../judging.js';
import { durationSpread } from '../passing-durations.js';

/** Numbers of one test, in the order of `writeNumbers`. */
const WIDTH = 19;
const KINDS: readonly Disagreement['kind'][] = ['retry_passed', 'runs_differ'];
const NO_RUN = -1;

/** A `Judged` in columns: thousands of objects would take longer to cross from thread to thread than to make. */
export interface PackedJudged extends Pick<Judged, 'clusters' | 'retries' | 'outcomes'> {
  readonly sorted: SortedOutcomes;
  readonly table: Omit<RunTable, 'runs'>;
  readonly scanned: {
    readonly projects: readonly Pick<ScannedTest, 'projectId' | 'projectKey'>[];
    readonly suites: readonly string[];
    /** Indices into `projects` and `suites`. */
    readonly project: Uint32Array;
    readonly suite: Uint32Array;
    readonly number: Int32Array;
  };
  readonly label: Uint8Array;
  readonly numbers: Float64Array;
  /** Of test t those from `starts[t]` up to `starts[t + 1]`. */
  readonly evidence: { readonly starts: Uint32Array; readonly runs: Uint32Array };
  readonly disagreements: {
    readonly starts: Uint32Array;
    readonly at: Float64Array;
    readonly kind: Uint8Array;
    /** Two for each, the second one NO_RUN where there is one only. */
    readonly runs: Int32Array;
  };
}

export type PackedClusters = Pick<PackedJudged, 'clusters' | 'scanned'> & { readonly runs: readonly ScannedRun[] };

export const packClusters = ({ clusters, scanned, runs }: Clusters): PackedClusters => ({
  ...{ clusters, runs },
  scanned: packScanned(scanned),
});

export const unpackClusters = ({ clusters, scanned, runs }: PackedClusters): Clusters => ({
  ...{ clusters, runs },
  scanned: unpackScanned(scanned),
});

/** Takes the judgement apart: its columns are those of the packed one. */
export const packJudged = async (
  judged: Judged & { readonly sorted: SortedOutcomes },
  slices: Slices,
): Promise<PackedJudged> => {
  const { sorted, tests, table, scanned, clusters, retries, outcomes } = judged;
  const numbers = new Float64Array(tests.length * WIDTH);
  const label = new Uint8Array(tests.length);
  const evidence = new Uint32Array(tests.length * LABEL_RULES.evidenceRuns);
  const disagreements: Disagreement[] = [];
  const [evidenceStarts, disagreementStarts] = [new Uint32Array(tests.length + 1), new Uint32Array(tests.length + 1)];
  for (const [t, { assessment, history }] of tests.entries()) {
    const { evidenceRuns, disagreements: own } = assessment;
    writeNumbers(numbers, t * WIDTH, assessment, durationSpread(history));
    label[t] = TEST_LABELS.indexOf(assessment.label);
    evidence.set(evidenceRuns, evidenceStarts[t]);
    evidenceStarts[t + 1] = evidenceStarts[t]! + evidenceRuns.length;
    for (const one of own) disagreements.push(one);
    disagreementStarts[t + 1] = disagreements.length;
    await slices.pause();
  }
  return {
    ...{ sorted, label, numbers, clusters, retries, outcomes },
    table: { code: table.code, commit: table.commit, excluded: table.excluded },
    scanned: packScanned(scanned),
    evidence: { starts: evidenceStarts, runs: evidence.slice(0, evidenceStarts[tests.length]) },
    disagreements: {
      starts: disagreementStarts,
      at: Float64Array.from(disagreements, ({ at }) => at),
      kind: Uint8Array.from(disagreements, ({ kind }) => KINDS.indexOf(kind)),
      runs: Int32Array.from(disagreements.flatMap(({ runs: [first = NO_RUN, second = NO_RUN] }) => [first, second])),
    },
  };
};

/** The memory of a packed judgement, to be handed over without a copy. */
export const buffersOf = ({
  sorted,
  table,
  scanned,
  label,
  numbers,
  evidence,
  disagreements,
}: PackedJudged): ArrayBuffer[] =>
  [sorted.columns, { starts: sorted.starts, label, numbers }, table, scanned, evidence, disagreements]
    .flatMap((columns) => Object.values(columns) as unknown[])
    .flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : []));

/** @param runs those that the judgement was made of, in their order */
export const unpackJudged = (packed: PackedJudged, runs: readonly ScannedRun[]): Judged => {
  const { clusters, retries, outcomes } = packed;
  const table = { ...packed.table, runs };
  const scanned = unpackScanned(packed.scanned);
  const tests = scanned.map((test, t) => new UnpackedTest(test, packed, t, table));
  return { tests, table, scanned, clusters, retries, outcomes };
};

const packScanned = (tests: readonly ScannedTest[]): PackedJudged['scanned'] => {
  const projects = new Map<string, { readonly place: number; readonly test: ScannedTest }>();
  const suites = new Map<string, number>();
  for (const test of tests) {
    if (!projects.has(test.projectId)) projects.set(test.projectId, { place: projects.size, test });
    if (!suites.has(test.suite)) suites.set(test.suite, suites.size);
  }
  return {
    projects: [...projects.values()].map(({ test: { projectId, projectKey } }) => ({ projectId, projectKey })),
    suites: [...suites.keys()],
    project: Uint32Array.from(tests, ({ projectId }) => projects.get(projectId)!.place),
    suite: Uint32Array.from(tests, ({ suite }) => suites.get(suite)!),
    number: Int32Array.from(tests, ({ number }) => number),
  };
};

const unpackScanned = ({ projects, suites, project, suite, number }: PackedJudged['scanned']): ScannedTest[] =>
  Array.from(number, (_, t) => ({ ...projects[project[t]!]!, number: number[t]!, suite: suites[suite[t]!]! }));

const writeNumbers = (
  numbers: Float64Array,
  at: number,
  { flakiness, counts, ...test }: TestAssessment,
  { n, median, stability }: DurationSpread,
): void => {
  let i = at;
  for (const value of [flakiness.mean, flakiness.low, flakiness.high, flakiness.aboveThreshold]) numbers[i++] = value;
  for (const value of [counts.nP, counts.nPF, counts.nF, counts.nFP]) numbers[i++] = value;
  for (const value of [test.runs, test.failures, test.segmentRuns, test.segmentFailures]) numbers[i++] = value;
  for (const value of [test.segmentStart, test.excludedRuns, test.lastFailed ? 1 : 0]) numbers[i++] = value;
  for (const value of [test.lastAt ?? NaN, n, median ?? NaN, stability ?? NaN]) numbers[i++] = value;
};

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/**
 * Its parts are made whenever they are asked for: kept for thousands of tests and the windows in memory, they would be the larger
 * part of what the collector has to look at.
 */
class UnpackedTest implements AssessedTest {
  readonly projectId: string;
  readonly projectKey: string;
  readonly number: number;
  readonly suite: string;
  readonly assessment: TestAssessment;
  readonly #packed: PackedJudged;
  readonly #index: number;
  readonly #table: RunTable;

  constructor(
    { projectId, projectKey, number, suite }: ScannedTest,
    packed: PackedJudged,
    index: number,
    table: RunTable,
  ) {
    this.projectId = projectId;
    this.projectKey = projectKey;
    this.number = number;
    this.suite = suite;
    this.assessment = new UnpackedAssessment(packed, index);
    this.#packed = packed;
    this.#index = index;
    this.#table = table;
  }

  get history(): TestHistory {
    return historyOf(this.#packed.sorted, this.#index, this.#table, this.spread());
  }

  private spread(): DurationSpread {
    const [n, median, stability] = this.#packed.numbers.subarray(this.#index * WIDTH + 16, (this.#index + 1) * WIDTH);
    return { n: n!, median: numberOrNull(median!), stability: numberOrNull(stability!) };
  }
}

class UnpackedAssessment implements TestAssessment {
  readonly definition = FLAKINESS_DEFINITION;
  readonly #packed: PackedJudged;
  readonly #index: number;

  constructor(packed: PackedJudged, index: number) {
    this.#packed = packed;
    this.#index = index;
  }

  get status(): TestAssessment['status'] {
    return this.runs === 0 ? 'insufficient_data' : 'ok';
  }

  get label(): TestLabel {
    return TEST_LABELS[this.#packed.label[this.#index]!]!;
  }

  get flakiness(): FlakinessPosterior {
    return { mean: this.at(0), low: this.at(1), high: this.at(2), aboveThreshold: this.at(3) };
  }

  get counts(): TransitionCounts {
    return { nP: this.at(4), nPF: this.at(5), nF: this.at(6), nFP: this.at(7) };
  }

  get runs(): number {
    return this.at(8);
  }

  get failures(): number {
    return this.at(9);
  }

  get segmentRuns(): number {
    return this.at(10);
  }

  get segmentFailures(): number {
    return this.at(11);
  }

  get segmentStart(): number {
    return this.at(12);
  }

  get excludedRuns(): number {
    return this.at(13);
  }

  get lastFailed(): boolean {
    return this.at(14) === 1;
  }

  get lastAt(): number | undefined {
    return numberOrNull(this.at(15)) ?? undefined;
  }

  get disagreements(): Disagreement[] {
    const { starts, at, kind, runs } = this.#packed.disagreements;
    const [from, to] = [starts[this.#index]!, starts[this.#index + 1]!];
    return Array.from({ length: to - from }, (_, i) => ({
      at: at[from + i]!,
      kind: KINDS[kind[from + i]!]!,
      runs: [runs[2 * (from + i)]!, runs[2 * (from + i) + 1]!].filter((run) => run !== NO_RUN),
    }));
  }

  get evidenceRuns(): number[] {
    const { starts, runs } = this.#packed.evidence;
    return Array.from(runs.subarray(starts[this.#index], starts[this.#index + 1]));
  }

  private at(place: number): number {
    return this.#packed.numbers[this.#index * WIDTH + place]!;
  }
}
