import { LRUCache } from 'lru-cache';
import type { Scope } from '../../common/index.js';
import {
  resultIdOf,
  type ResultsRepository,
  type Run,
  type RunsRepository,
  type StoredResult,
  type StoredTest,
  type TestsRepository,
} from '../../executions/index.js';
import { FAILED, ROW_STATUS, type DayRows } from '../../metrics/index.js';

const KEPT_TESTS = 10_000;
const KEPT_RUNS = 2_000;
const AT_ONCE = 1_000;

/** One attempt of a day. */
export interface RowRef {
  readonly day: DayRows;
  readonly i: number;
}

/** Runs, tests and documents behind rows, asked for in batches and kept as long as there is room. */
export class ResultLookups {
  private readonly tests = new LRUCache<string, StoredTest>({ maxSize: KEPT_TESTS, sizeCalculation: () => 1 });
  private readonly runs = new LRUCache<string, Run>({ max: KEPT_RUNS });

  constructor(
    private readonly scope: Scope,
    private readonly from: {
      readonly tests: TestsRepository;
      readonly runs: RunsRepository;
      readonly results: ResultsRepository;
    },
  ) {}

  /** Runs by id, those that are gone included: their state says so. */
  async runsOf(days: readonly DayRows[]): Promise<Map<string, Run>> {
    const ids = new Set(days.flatMap(({ rows }) => rows.runs.map(({ runId }) => runId)));
    const found = new Map<string, Run>();
    const missing: string[] = [];
    for (const id of ids) {
      const known = this.runs.get(id);
      if (known) found.set(id, known);
      else missing.push(id);
    }
    for (let at = 0; at < missing.length; at += AT_ONCE)
      for (const run of await this.from.runs.findMany(this.scope, missing.slice(at, at + AT_ONCE))) {
        found.set(run.runId, run);
        this.runs.set(run.runId, run);
      }
    return found;
  }

  /** Tests by `projectId:number`. */
  async testsOf(refs: readonly RowRef[]): Promise<Map<string, StoredTest>> {
    const found = new Map<string, StoredTest>();
    const missing = new Map<string, Set<number>>();
    for (const { day, i } of refs) {
      const number = day.rows.test[i]!;
      const key = testKey(day, i);
      const known = this.tests.get(key);
      if (known) found.set(key, known);
      else missing.set(day.projectId, (missing.get(day.projectId) ?? new Set()).add(number));
    }
    for (const [projectId, numbers] of missing)
      for (const test of (await this.from.tests.byNumbers(projectId, [...numbers])).values()) {
        found.set(`${projectId}:${test.number}`, test);
        this.tests.set(`${projectId}:${test.number}`, test);
      }
    return found;
  }

  /** Documents by id: of all rows, or of those that have an error. */
  async documentsOf(
    refs: readonly RowRef[],
    tests: ReadonlyMap<string, StoredTest>,
    needs: 'error' | 'document' | undefined,
  ): Promise<Map<string, StoredResult>> {
    if (needs === undefined) return new Map();
    const wanted = needs === 'document' ? refs : refs.filter(hasError);
    const ids = wanted.flatMap((ref) => {
      const test = tests.get(testKey(ref.day, ref.i));
      return test ? [resultIdFor(ref, test)] : [];
    });
    const found = new Map<string, StoredResult>();
    for (let at = 0; at < ids.length; at += AT_ONCE)
      for (const document of await this.from.results.findByIds(this.scope, ids.slice(at, at + AT_ONCE)))
        found.set(document.resultId, document);
    return found;
  }
}

export const testKey = (day: DayRows, i: number): string => `${day.projectId}:${day.rows.test[i]!}`;

export const resultIdFor = ({ day, i }: RowRef, test: StoredTest): string => {
  const { runId, startedAtSeconds } = day.rows.runs[day.rows.run[i]!]!;
  return resultIdOf(startedAtSeconds, runId, test.testId, day.rows.attempt[i]!).toString('hex');
};

const hasError = ({ day: { rows }, i }: RowRef): boolean =>
  FAILED[rows.flags[i]! & ROW_STATUS] === true || Boolean(rows.fingerprints[rows.fingerprint[i]!]);
