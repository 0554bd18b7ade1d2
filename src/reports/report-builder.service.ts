import { Injectable } from '@nestjs/common';
import { makeScope, type Scope } from '../common/index.js';
import { TestsRepository } from '../executions/index.js';
import {
  countsOf,
  emptyAggregate,
  MetricsService,
  previousRange,
  toCell,
  toRate,
  type AnswerRow,
  type AsOf,
  type CellAggregate,
  type MetricAnswer,
  type MetricQuery,
  type TimeBucket,
} from '../metrics/index.js';
import { changeOf } from './domain/compare.js';
import { withoutProjects } from './domain/filter-parts.js';
import { drillHref } from './domain/links.js';
import type { PreviousPeriod, ReportBody, ReportRow } from './domain/report-body.js';
import type { BucketView, CellPlace, ReportProject, ReportRequest } from './domain/report.js';
import { ReportListsService } from './report-lists.service.js';
import { ReportScoresService } from './report-scores.service.js';
import { ReportSectionsService } from './report-sections.service.js';

/** Figures of a report, and the position that they stand for. */
export interface BuiltReport {
  readonly body: ReportBody;
  readonly answer: Pick<MetricAnswer, 'asOf' | 'pins' | 'plan' | 'newestCommitAt'>;
}

/** Asks the read model and turns its answers into a report. */
@Injectable()
export class ReportBuilderService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly tests: TestsRepository,
    private readonly lists: ReportListsService,
    private readonly scores: ReportScoresService,
    private readonly sections: ReportSectionsService,
  ) {}

  /**
   * @param wait for the scores, however long they take
   * @throws DomainError 422 `too_many_cells`
   */
  async build(
    scope: Scope,
    reportId: string,
    request: ReportRequest,
    projects: readonly ReportProject[],
    wait: boolean,
  ): Promise<BuiltReport> {
    const narrowed = projectScope(scope, projects);
    const query = queryOf(request);
    const answer = await this.metrics.query(narrowed, query);
    const asOf = { position: answer.asOf, pins: answer.pins };
    const before = request.comparePrevious ? await this.before(narrowed, query, asOf) : undefined;
    const labels = await this.labels(narrowed, request, [answer, ...(before ? [before] : [])]);
    const rows = this.rows(reportId, 'current', request, answer, labels);
    const scores = await (wait
      ? this.scores.compute(scope, request)
      : this.scores.atOnce(scope, request, answer.totals));
    const body: ReportBody = {
      totals: { ...toCell(answer.totals, drillHref(reportId, { period: 'current' }, [], 'result')), ...scores },
      rates: ratesOf(answer.totals),
      rows: before ? withChanges(rows, answer, before) : rows,
      ...(before ? { previous: this.previous(reportId, request, answer, before, labels) } : {}),
      ...(request.top === undefined
        ? {}
        : await this.lists.build(narrowed, {
            reportId,
            request,
            query,
            asOf,
            totals: answer.totals,
            top: request.top,
          })),
      ...(await this.sections.build(scope, request)),
    };
    return { body, answer };
  }

  private before(scope: Scope, query: MetricQuery, asOf: AsOf): Promise<MetricAnswer> {
    return this.metrics.queryAsOf(scope, { ...query, range: previousRange(query.range) }, asOf);
  }

  private previous(
    reportId: string,
    request: ReportRequest,
    answer: MetricAnswer,
    before: MetricAnswer,
    labels: ReadonlyMap<string, string>,
  ): PreviousPeriod {
    const range = previousRange(request.range);
    return {
      timeRange: { ...viewOf(range), timeZone: range.timeZone },
      totals: toCell(before.totals, drillHref(reportId, { period: 'previous' }, [], 'result')),
      change: changeOf(answer.totals, before.totals),
      rows: this.rows(reportId, 'previous', request, before, labels),
    };
  }

  private rows(
    reportId: string,
    period: CellPlace['period'],
    { groupBy, interval }: ReportRequest,
    answer: MetricAnswer,
    labels: ReadonlyMap<string, string>,
  ): ReportRow[] {
    // without groups and buckets the one row would be the totals again
    if (groupBy.length === 0 && interval === undefined) return [];
    return answer.rows.map((row, index) => {
      const group = Object.fromEntries(groupBy.map((dimension, i) => [dimension, row.group[i] || null]));
      const named = groupBy.flatMap((dimension, i) => {
        const label = labels.get(`${dimension}:${row.group[i]!}`);
        return label === undefined ? [] : [[dimension, label]];
      });
      return {
        ...(row.bucket === undefined ? {} : { bucket: viewOf(answer.buckets[row.bucket]!) }),
        ...(groupBy.length === 0 ? {} : { group }),
        ...(named.length === 0 ? {} : { labels: Object.fromEntries(named) as Record<string, string> }),
        cell: toCell(row.aggregate, drillHref(reportId, { period, row: index }, [], 'result')),
      };
    });
  }

  /** Names of the tests that stand in groups. */
  private async labels(
    scope: Scope,
    { groupBy }: ReportRequest,
    answers: readonly MetricAnswer[],
  ): Promise<ReadonlyMap<string, string>> {
    const position = groupBy.indexOf('test');
    if (position < 0) return new Map();
    const ids = new Set(answers.flatMap(({ rows }) => rows.map(({ group }) => group[position]!)));
    const found = await this.tests.findByIds(scope, [...ids]);
    return new Map(found.map(({ testId, name }) => [`test:${testId}`, name]));
  }
}

/** The projects that were resolved and no others, whatever is created meanwhile. */
export const projectScope = (scope: Scope, projects: readonly { readonly key: string }[]): Scope =>
  makeScope(
    scope.organization,
    projects.map(({ key }) => key),
  );

/** Projects and teams are resolved already: see `projectScope`. */
export const queryOf = ({ filter, range, interval, groupBy, attempts }: ReportRequest): MetricQuery => ({
  filter: withoutProjects(filter),
  range,
  ...(interval === undefined ? {} : { interval }),
  groupBy,
  attempts,
});

const viewOf = ({ from, to }: TimeBucket): BucketView => ({ from: from.toISOString(), to: to.toISOString() });

const ratesOf = (totals: CellAggregate): ReportBody['rates'] => {
  const { failures, judged, executions } = countsOf(totals);
  return {
    failureRate: toRate(failures, judged),
    flakyRate: toRate(totals.flaky, judged),
    retryRate: toRate(totals.retried, executions),
  };
};

/** Rows meet by the position of their bucket and by their group; what was not there before is compared with nothing. */
const withChanges = (rows: readonly ReportRow[], now: MetricAnswer, before: MetricAnswer): ReportRow[] => {
  const keyOf = ({ bucket, group }: AnswerRow): string => JSON.stringify([bucket ?? 0, group]);
  const earlier = new Map(before.rows.map((row) => [keyOf(row), row.aggregate]));
  return rows.map((row, i) => {
    const { aggregate } = now.rows[i]!;
    return { ...row, change: changeOf(aggregate, earlier.get(keyOf(now.rows[i]!)) ?? emptyAggregate()) };
  });
};
