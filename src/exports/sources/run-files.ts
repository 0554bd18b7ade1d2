import { Injectable } from '@nestjs/common';
import type { Scope } from '../../common/index.js';
import { VERSION } from '../../config/index.js';
import {
  type AttemptRecord,
  CtrfWriter,
  JunitWriter,
  RESULT_STATUSES,
  resultIdOf,
  ResultsRepository,
  type ResultStatus,
  type Run,
  type StoredResult,
  TestsRepository,
  toResultInput,
  type WrittenCounts,
  type WrittenSuite,
  type WrittenTest,
} from '../../executions/index.js';
import type { ExportFormat } from '../domain/formats.js';
import type { RunFilePart } from './export-source.js';

const TESTS_AT_ONCE = 200;

interface SuiteOfRun extends WrittenSuite {
  /** Attempts by test number, in order. */
  readonly attempts: ReadonlyMap<number, readonly AttemptRecord[]>;
}

/** One run as a file of another test tool. Holds the numbers of its attempts, and of 200 tests at a time the whole. */
@Injectable()
export class RunFiles {
  constructor(
    private readonly results: ResultsRepository,
    private readonly tests: TestsRepository,
  ) {}

  /** A piece per test, with what stands before it, and the end. */
  async *write(scope: Scope, run: Run, format: ExportFormat, signal: AbortSignal): AsyncGenerator<RunFilePart> {
    const attempts = await this.results.attemptsOfRun(run.runId);
    const suites = suitesOf(attempts, run);
    const counts = countsOf(attempts);
    const parts = format === 'junit' ? this.junit(scope, run, suites, counts) : this.ctrf(scope, run, suites, counts);
    for await (const part of parts) {
      signal.throwIfAborted();
      yield part;
    }
  }

  private async *junit(
    scope: Scope,
    run: Run,
    suites: readonly SuiteOfRun[],
    counts: WrittenCounts,
  ): AsyncGenerator<RunFilePart> {
    const writer = new JunitWriter();
    let pending = writer.begin(run, counts);
    for (const suite of suites) {
      pending += writer.openSuite(run, suite);
      for await (const test of this.testsOf(scope, run, suite)) {
        yield { text: pending + writer.test(test), tests: 1 };
        pending = '';
      }
      pending += writer.closeSuite();
    }
    yield { text: pending + writer.end(), tests: 0 };
  }

  private async *ctrf(
    scope: Scope,
    run: Run,
    suites: readonly SuiteOfRun[],
    counts: WrittenCounts,
  ): AsyncGenerator<RunFilePart> {
    const writer = new CtrfWriter();
    let pending = writer.begin(run, counts, VERSION);
    for (const suite of suites)
      for await (const test of this.testsOf(scope, run, suite)) {
        yield { text: pending + writer.test(test), tests: 1 };
        pending = '';
      }
    yield { text: pending + writer.end(), tests: 0 };
  }

  private async *testsOf(scope: Scope, run: Run, { name, attempts }: SuiteOfRun): AsyncGenerator<WrittenTest> {
    const members = [...attempts];
    for (let from = 0; from < members.length; from += TESTS_AT_ONCE) {
      const part = members.slice(from, from + TESTS_AT_ONCE);
      const found = await this.documentsOf(scope, run, part.map(([, list]) => list).flat());
      for (const [, list] of part) {
        const results = list.flatMap(({ test, attempt }) => found.get(`${test}/${attempt}`) ?? []);
        if (results.length > 0) yield { suite: name, attempts: results.map(toResultInput) };
      }
    }
  }

  /** By `test number/attempt`. */
  private async documentsOf(
    scope: Scope,
    { runId, projectId, startedAt }: Run,
    attempts: readonly AttemptRecord[],
  ): Promise<Map<string, StoredResult>> {
    const numbers = attempts.map(({ test }) => test);
    const tests = await this.tests.byNumbers(projectId, numbers);
    const ids = attempts.flatMap(({ test, attempt }) => {
      const known = tests.get(test);
      return known ? [resultIdOf(startedAt.getTime() / 1000, runId, known.testId, attempt).toString('hex')] : [];
    });
    const found = await this.results.findByIds(scope, ids);
    return new Map(found.map((result) => [`${result.test.number}/${result.attempt}`, result]));
  }
}

const byTest = (attempts: readonly AttemptRecord[]): Map<number, AttemptRecord[]> => {
  const sorted = [...attempts].sort((a, b) => a.test - b.test || a.attempt - b.attempt);
  return Map.groupBy(sorted, ({ test }) => test);
};

const suitesOf = (attempts: readonly AttemptRecord[], run: Run): SuiteOfRun[] =>
  [...Map.groupBy(attempts, ({ suite }) => suite)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => ({
      name,
      ...countsOf(members),
      startedAt: new Date(members.reduce((first, { at }) => Math.min(first, at), run.startedAt.getTime())),
      attempts: byTest(members),
    }));

const FAILED: readonly ResultStatus[] = ['failed', 'broken', 'timeout'];

const countsOf = (attempts: readonly AttemptRecord[]): WrittenCounts => {
  const byStatus = Object.fromEntries(RESULT_STATUSES.map((status) => [status, 0])) as Record<ResultStatus, number>;
  let [tests, flaky, durationUs] = [0, 0, 0];
  for (const list of byTest(attempts).values()) {
    const last = list.at(-1)!;
    tests += 1;
    byStatus[last.status] += 1;
    durationUs += last.durationUs ?? 0;
    if (last.status === 'passed' && list.some(({ status }) => FAILED.includes(status))) flaky += 1;
  }
  return { tests, byStatus, flaky, durationMs: durationUs / 1000 };
};
