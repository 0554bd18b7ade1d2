import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import type { Scope } from '../../common/index.js';
import { RESULT_STATUSES } from '../../executions/index.js';
import {
  type CellAggregate,
  countsOf,
  durationsOf,
  type Interval,
  type MetricAnswer,
  type MetricQuery,
  MetricsService,
  NONE,
  previousRange,
  type TimeRange,
} from '../../metrics/index.js';
import { figureText, keyFigure } from '../domain/figure-text.js';
import type { Chart, KeyFigure, Summary, SummaryTable } from '../domain/summary.js';
import { STATUS_COLOURS } from '../domain/status-colours.js';

const DAY_MS = 86_400_000;
const MOST_POINTS = 92;
const TOP = 12;

type FiguresQuery = Pick<MetricQuery, 'filter' | 'range' | 'attempts'>;

/** Key figures with the period before, charts and the worst suites of whatever a filter counts. */
@Injectable()
export class FiguresSummary {
  constructor(private readonly metrics: MetricsService) {}

  async of(
    scope: Scope,
    query: FiguresQuery,
    { title, withRows }: { readonly title: string; readonly withRows: boolean },
  ): Promise<Summary> {
    const interval = intervalOf(query.range);
    const answer = await this.metrics.query(scope, { ...query, interval });
    const asOf = { position: answer.asOf, pins: answer.pins };
    const before = await this.metrics.queryAsOf(scope, { ...query, range: previousRange(query.range) }, asOf);
    const suites = await this.metrics.queryAsOf(scope, { ...query, groupBy: ['suite'] }, asOf);
    return {
      title,
      figures: figuresOf(answer.totals, before.totals),
      charts: chartsOf(answer, interval, query.range.timeZone),
      findings: [],
      tables: worstSuites(suites),
      asOf: answer.asOf,
      withRows,
    };
  }
}

/** Of the range, so that a chart has enough points and not too many. */
export const intervalOf = ({ from, to }: TimeRange): Exclude<Interval, object> => {
  const days = (to.getTime() - from.getTime()) / DAY_MS;
  if (days <= 2) return 'hour';
  if (days <= MOST_POINTS) return 'day';
  return days <= MOST_POINTS * 7 ? 'week' : 'month';
};

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

export const figuresOf = (now: CellAggregate, before: CellAggregate): KeyFigure[] => {
  const [a, b] = [countsOf(now), countsOf(before)];
  const [d, e] = [durationsOf(now), durationsOf(before)];
  return [
    keyFigure('Pass rate', 'ratio', ratio(a.passed, a.judged), ratio(b.passed, b.judged), 'up'),
    keyFigure('Executions', 'count', a.executions, b.executions, 'none'),
    keyFigure('Failures', 'count', a.failures, b.failures, 'down'),
    keyFigure('Flaky in run', 'count', now.flaky, before.flaky, 'down'),
    keyFigure('Average duration', 'ms', d.average, e.average, 'down'),
    keyFigure('95th percentile', 'ms', d.p95, e.p95, 'down'),
  ];
};

const LABELS: Readonly<Record<string, string>> = {
  hour: 'dd.MM. HH:mm',
  day: 'dd MMM',
  week: 'dd MMM',
  month: 'MMM yy',
};

const chartsOf = (answer: MetricAnswer, interval: string, timeZone: string): Chart[] => {
  const perBucket = new Map(answer.rows.map(({ bucket, aggregate }) => [bucket ?? 0, countsOf(aggregate)]));
  const label = (at: Date): string =>
    DateTime.fromJSDate(at, { zone: timeZone }).toFormat(LABELS[interval] ?? 'dd MMM', { locale: 'en' });
  const counts = answer.buckets.map((_, i) => perBucket.get(i));
  const totals = countsOf(answer.totals);
  return [
    {
      kind: 'line',
      title: `Pass rate by ${interval}`,
      unit: 'ratio',
      labels: answer.buckets.map(({ from }) => label(from)),
      series: [{ name: 'Pass rate', values: counts.map((c) => (c ? ratio(c.passed, c.judged) : null)) }],
    },
    {
      kind: 'pie',
      title: 'Outcomes by status',
      parts: RESULT_STATUSES.flatMap((status) =>
        totals[status] > 0 ? [{ name: status, value: totals[status], colour: STATUS_COLOURS[status] }] : [],
      ),
    },
  ];
};

const COLUMNS: SummaryTable['columns'] = [
  { title: 'Suite', isNumber: false, wide: true },
  { title: 'Executions', isNumber: true },
  { title: 'Failures', isNumber: true },
  { title: 'Pass rate', isNumber: true },
  { title: 'Flaky', isNumber: true },
  { title: 'Average', isNumber: true },
];

const worstSuites = ({ rows }: MetricAnswer): SummaryTable[] => {
  const suites = rows
    .map(({ group, aggregate }) => ({ name: group[0] || NONE, aggregate, ...countsOf(aggregate) }))
    .filter(({ failures }) => failures > 0)
    .sort((a, b) => b.failures - a.failures || b.executions - a.executions || (a.name < b.name ? -1 : 1));
  if (suites.length === 0) return [];
  const left = suites.length - TOP;
  return [
    {
      title: 'Suites with most failures',
      columns: COLUMNS,
      rows: suites
        .slice(0, TOP)
        .map(({ name, executions, failures, passed, judged, aggregate }) => [
          name,
          figureText(executions, 'count'),
          figureText(failures, 'count'),
          figureText(ratio(passed, judged), 'ratio'),
          figureText(aggregate.flaky, 'count'),
          figureText(durationsOf(aggregate).average, 'ms'),
        ]),
      ...(left > 0 ? { note: `${left} more suites have failures.` } : {}),
    },
  ];
};
