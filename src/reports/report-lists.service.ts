import { Injectable } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import {
  resultIdOf,
  ResultsRepository,
  RunsRepository,
  TestsRepository,
  type Run,
  type StoredTest,
} from '../executions/index.js';
import {
  countsOf,
  MetricsService,
  previousRange,
  toCell,
  toRate,
  type AsOf,
  type CellAggregate,
  type MetricQuery,
} from '../metrics/index.js';
import {
  AttemptScan,
  biggest,
  failureFingerprints,
  mostFailing,
  slowest,
  type AttemptRef,
  type ClusterFigures,
  type TestFigures,
} from './domain/attempt-scan.js';
import { efficiencyOf, resourcesOf, runFiguresOf } from './domain/efficiency.js';
import { selectsWithinRuns } from './domain/filter-parts.js';
import { drillHref } from './domain/links.js';
import type { ClusterRow, ReportBody, TestRow } from './domain/report-body.js';
import type { ReportRequest } from './domain/report.js';

export interface ListsInput {
  readonly reportId: string;
  readonly request: ReportRequest;
  readonly query: MetricQuery;
  readonly asOf: AsOf;
  readonly totals: CellAggregate;
  readonly top: number;
}

type Lists = Pick<
  ReportBody,
  'slowestTests' | 'failingTests' | 'failureClusters' | 'efficiency' | 'resources' | 'runMetrics'
>;

const CURRENT = { period: 'current' } as const;
const RUNS_AT_ONCE = 2000;
const MESSAGE_LENGTH = 1000;
/** Suites and branches that a cluster lists; a cluster of everything would fill pages. */
const NAMES = 20;

/** What a report says about single tests, causes and runs: from one pass over its attempts. */
@Injectable()
export class ReportListsService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly tests: TestsRepository,
    private readonly results: ResultsRepository,
    private readonly runs: RunsRepository,
  ) {}

  async build(scope: Scope, input: ListsInput): Promise<Lists> {
    const { request, query, asOf, top, totals } = input;
    const flat: MetricQuery = { filter: query.filter, range: query.range, attempts: query.attempts };
    const scan = new AttemptScan();
    for await (const day of this.metrics.scanRows(scope, flat, { asOf })) scan.add(day);
    const failing = mostFailing(scan.tests.values(), top);
    const slow = slowest(scan.tests.values(), top);
    const rows = await this.testRows(scope, input, flat, [...failing, ...slow]);
    const runs = await this.findRuns(scope, [...scan.runs.keys()]);
    const resources = resourcesOf(runs);
    const figures = runFiguresOf(runs);
    const pick = (list: readonly TestFigures[]): TestRow[] => list.flatMap((test) => rows.get(refOf(test)) ?? []);
    return {
      slowestTests: pick(slow),
      failingTests: pick(failing),
      failureClusters: await this.clusterRows(scope, input, flat, biggest(scan.clusters.values(), top)),
      efficiency: efficiencyOf(runs, scan.runs, totals, {
        attemptsAll: request.attempts === 'all',
        isPart: selectsWithinRuns(request.filter),
      }),
      ...(Object.keys(resources).length === 0 ? {} : { resources }),
      ...(Object.keys(figures).length === 0 ? {} : { runMetrics: figures }),
    };
  }

  private async testRows(
    scope: Scope,
    { reportId, asOf }: ListsInput,
    query: MetricQuery,
    wanted: readonly TestFigures[],
  ): Promise<Map<string, TestRow>> {
    const tests = await this.namesOf(wanted);
    const ids = [...new Set([...tests.values()].map(({ testId }) => testId))];
    if (ids.length === 0) return new Map();
    const narrowed: MetricQuery = { ...query, filter: { ...query.filter, tests: ids }, groupBy: ['test'] };
    const { rows } = await this.metrics.queryAsOf(scope, narrowed, asOf);
    const cells = new Map(rows.map(({ group, aggregate }) => [group[0]!, aggregate]));
    const found = new Map<string, TestRow>();
    for (const [ref, test] of tests) {
      const aggregate = cells.get(test.testId);
      if (aggregate) found.set(ref, testRow(reportId, test, aggregate));
    }
    return found;
  }

  private async clusterRows(
    scope: Scope,
    { reportId, asOf }: ListsInput,
    query: MetricQuery,
    clusters: readonly ClusterFigures[],
  ): Promise<ClusterRow[]> {
    if (clusters.length === 0) return [];
    const known = new Set<string>();
    const before = { ...query, range: previousRange(query.range) };
    for await (const day of this.metrics.scanRows(scope, before, { asOf })) failureFingerprints(day, known);
    const tests = await this.namesOf(clusters.map(({ example }) => example));
    const ids = new Map(clusters.map(({ example }) => [example, resultIdFor(example, tests.get(refOf(example)))]));
    const documents = await this.results.findByIds(scope, [...ids.values()]);
    const byId = new Map(documents.map((document) => [document.resultId, document]));
    return clusters.map((cluster) => {
      const resultId = ids.get(cluster.example)!;
      const error = byId.get(resultId)?.error;
      return {
        fingerprint: cluster.fingerprint,
        size: cluster.size,
        tests: cluster.tests.size,
        suites: namesIn(cluster.suites),
        branches: namesIn(cluster.branches),
        firstSeenAt: new Date(cluster.firstAt).toISOString(),
        lastSeenAt: new Date(cluster.lastAt).toISOString(),
        isNew: !known.has(cluster.fingerprint),
        example: {
          resultId,
          testName: tests.get(refOf(cluster.example))?.name ?? '',
          type: error?.type ?? null,
          message: error?.message?.slice(0, MESSAGE_LENGTH) ?? null,
        },
        href: drillHref(reportId, CURRENT, [{ kind: 'cluster', value: cluster.fingerprint }], 'result'),
      };
    });
  }

  /** Tests by `projectId:number`. */
  private async namesOf(
    refs: readonly { readonly projectId: string; readonly test: number }[],
  ): Promise<Map<string, StoredTest>> {
    const found = new Map<string, StoredTest>();
    for (const [projectId, members] of Map.groupBy(refs, (ref) => ref.projectId)) {
      const tests = await this.tests.byNumbers(
        projectId,
        members.map(({ test }) => test),
      );
      for (const test of tests.values()) found.set(`${projectId}:${test.number}`, test);
    }
    return found;
  }

  private async findRuns(scope: Scope, runIds: readonly string[]): Promise<Run[]> {
    const found: Run[] = [];
    for (let from = 0; from < runIds.length; from += RUNS_AT_ONCE)
      found.push(...(await this.runs.findMany(scope, runIds.slice(from, from + RUNS_AT_ONCE))));
    return found;
  }
}

const refOf = ({ projectId, test }: { readonly projectId: string; readonly test: number }): string =>
  `${projectId}:${test}`;

/** The id of an attempt's document; empty where the test is not known any more. */
export const resultIdFor = (ref: AttemptRef, test: Pick<StoredTest, 'testId'> | undefined): string =>
  test ? resultIdOf(ref.runStartedAtSeconds, ref.runId, test.testId, ref.attempt).toString('hex') : '';

const namesIn = (names: ReadonlySet<string>): (string | null)[] =>
  [...names]
    .sort()
    .slice(0, NAMES)
    .map((name) => name || null);

const testRow = (reportId: string, test: StoredTest, aggregate: CellAggregate): TestRow => {
  const { failures, judged } = countsOf(aggregate);
  return {
    testId: test.testId,
    projectKey: test.projectKey,
    suite: test.suite || null,
    name: test.name,
    failureRate: toRate(failures, judged),
    cell: toCell(aggregate, drillHref(reportId, CURRENT, [{ kind: 'test', value: test.testId }], 'result')),
  };
};
