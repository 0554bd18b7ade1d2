import { Injectable } from '@nestjs/common';
import {
  type AnswerRow,
  bucketsOf,
  type CellMetric,
  DerivedMetricsService,
  emptyAggregate,
  findMetric,
  lastDays,
  type MetricFilter,
  MetricsService,
  type MetricValue,
  previousRange,
  type TimeBucket,
  type TimeRange,
} from '../../metrics/index.js';
import { isQualityMetric, QualityService } from '../../quality/index.js';
import { type Reading, toFigure, windowAt } from '../domain/reading.js';
import { type Group, groupKey, type ReadableRule } from '../domain/rule.js';
import { changeSince, outsideExpected, SERIES_DAYS, type SeriesQuestion } from '../domain/series-reading.js';
import type { EvaluationRound } from './evaluation-round.js';
import { NewFailureReader } from './new-failure-reader.service.js';
import type { RuleMetrics } from './rule-metrics.js';
import { RuleMetricsService } from './rule-metrics.js';

interface GroupValues {
  readonly group: Group;
  readonly values: readonly MetricValue[];
}

interface SeriesAnswer {
  readonly buckets: readonly TimeBucket[];
  readonly groups: readonly GroupValues[];
}

const DAY_MS = 86_400_000;

/** The figures of a rule at the moment of a round, one per group that has any outcome; none where there is no data. */
@Injectable()
export class RuleReader {
  constructor(
    private readonly metrics: MetricsService,
    private readonly derived: DerivedMetricsService,
    private readonly quality: QualityService,
    private readonly newFailures: NewFailureReader,
    private readonly known: RuleMetricsService,
  ) {}

  /** @throws DomainError as queries do: 404 for a project that is gone, 422 `too_many_cells` */
  async read(round: EvaluationRound, rule: ReadableRule): Promise<readonly Reading[]> {
    const metric = this.known.require(rule.condition, rule.metric);
    switch (rule.condition) {
      case 'new_failures':
        return this.newFailures.read(round, rule);
      case 'outside_expected':
        return this.series(round, rule, metric, outsideExpected);
      case 'change_point': {
        const since = new Date(round.at.getTime() - rule.windowMs);
        return this.series(round, rule, metric, (question) => changeSince(question, since));
      }
      case 'drops_by':
        return this.drops(round, rule);
      default:
        return (await this.values(round, rule, this.windowOf(rule, round.at))).map(({ group, values }) => ({
          group,
          figure: toFigure(values[0]!),
        }));
    }
  }

  /** Quality looks back 30 days by itself: whole days, so that its figures are kept until the data move. */
  private windowOf({ metric, windowMs, timeZone }: ReadableRule, at: Date): TimeRange {
    return isQualityMetric(metric)
      ? lastDays(at, Math.max(1, Math.ceil(windowMs / DAY_MS)), timeZone)
      : windowAt(at, windowMs, timeZone);
  }

  private async drops(round: EvaluationRound, rule: ReadableRule): Promise<Reading[]> {
    const range = this.windowOf(rule, round.at);
    const now = await this.values(round, rule, range);
    const before = await this.values(round, rule, previousRange(range));
    const past = new Map(before.map(({ group, values }) => [groupKey(group), values[0]!]));
    return now.map(({ group, values }) => {
      const value = values[0]!;
      const previous = past.get(groupKey(group));
      const expected = { value: previous?.value ?? null, low: previous?.low ?? null, high: previous?.high ?? null };
      const figure = toFigure(value, dropOf(previous?.value ?? null, value.value), expected);
      // a drop from a handful of outcomes is as little known as one to a handful
      return { group, figure: { ...figure, n: Math.min(value.n, previous?.n ?? 0) } };
    });
  }

  private async series(
    round: EvaluationRound,
    rule: ReadableRule,
    metric: RuleMetrics,
    figureOf: (question: SeriesQuestion) => ReturnType<typeof outsideExpected>,
  ): Promise<Reading[]> {
    const range = lastDays(round.at, SERIES_DAYS, rule.timeZone);
    const { buckets, groups } = await this.daily(round, rule, range);
    const readings: Reading[] = [];
    for (const { group, values } of groups) {
      const figure = figureOf({ metric, buckets, values, range, now: round.at });
      if (figure) readings.push({ group, figure });
      await round.slices.pause();
    }
    return readings;
  }

  private async values(round: EvaluationRound, rule: ReadableRule, range: TimeRange): Promise<readonly GroupValues[]> {
    const cell = cellMetric(rule.metric);
    if (!cell) return this.projectwise(round, rule, range, undefined);
    // a quantile with its interval costs more than its share of the query: rules with other thresholds have it already
    return round.once(['values', rule.metric, rule.filter, range, rule.groupBy], async () => {
      const { rows } = await this.cells(round, rule, range, false);
      return rows.map((row) => ({ group: toGroup(rule, row), values: [cell.evaluate(row.aggregate)] }));
    });
  }

  private async daily(round: EvaluationRound, rule: ReadableRule, range: TimeRange): Promise<SeriesAnswer> {
    const buckets = bucketsOf(range, 'day');
    const cell = cellMetric(rule.metric);
    if (!cell) return { buckets, groups: await this.projectwise(round, rule, range, 'day') };
    const { rows } = await this.cells(round, rule, range, true);
    return { buckets, groups: seriesOfGroups(rule, rows, cell, buckets.length) };
  }

  private cells(round: EvaluationRound, { filter, groupBy }: ReadableRule, range: TimeRange, byDay: boolean) {
    return round.once(['cells', filter, range, groupBy, byDay], () =>
      this.metrics.query(round.scope, {
        ...{ filter, range, groupBy, attempts: 'final' },
        ...(byDay && { interval: 'day' as const }),
      }),
    );
  }

  /** Metrics that no cell holds: of all projects together, or of each by itself. */
  private async projectwise(
    round: EvaluationRound,
    { metric, filter, groupBy }: ReadableRule,
    range: TimeRange,
    interval: 'day' | undefined,
  ): Promise<readonly GroupValues[]> {
    const keys = groupBy.includes('project')
      ? (await this.metrics.projectsOf(round.scope, filter)).map(({ key }) => key)
      : [undefined];
    const found: GroupValues[] = [];
    for (const key of keys) {
      const narrowed = key === undefined ? filter : { ...filter, projects: [key] };
      const values = await this.ofMetric(round, metric, narrowed, range, interval);
      if (values.some(({ n }) => n > 0)) found.push({ group: key === undefined ? {} : { project: key }, values });
    }
    return found;
  }

  private ofMetric(
    round: EvaluationRound,
    metric: string,
    filter: MetricFilter,
    range: TimeRange,
    interval: 'day' | undefined,
  ): Promise<readonly MetricValue[]> {
    return round.once([metric, filter, range, interval], async () => {
      if (isQualityMetric(metric)) {
        // one day more than there are: a bucket that holds the whole range
        const whole = { days: Math.ceil((range.to.getTime() - range.from.getTime()) / DAY_MS) + 1 };
        return this.quality.series(round.scope, metric, filter, range, interval ?? whole);
      }
      const query = { filter, range, attempts: 'final', ...(interval && { interval }) } as const;
      return (await this.derived.evaluate(round.scope, query, [metric])).values.get(metric) ?? [];
    });
  }
}

/** Differences of rates have no more digits than people write down: 0.95 - 0.9 is a drop by 0.05. */
const dropOf = (before: number | null, now: number | null): number | null =>
  before === null || now === null ? null : Math.round((before - now) * 1e9) / 1e9;

const cellMetric = (id: string): CellMetric | undefined => {
  const metric = findMetric(id);
  return metric?.source === 'cell' ? metric : undefined;
};

const toGroup = ({ groupBy }: ReadableRule, { group }: AnswerRow): Group =>
  Object.fromEntries(groupBy.map((name, i) => [name, group[i] ?? '']));

const seriesOfGroups = (
  rule: ReadableRule,
  rows: readonly AnswerRow[],
  metric: CellMetric,
  length: number,
): GroupValues[] => {
  const groups = new Map<string, { group: Group; rows: AnswerRow[] }>();
  for (const row of rows) {
    const group = toGroup(rule, row);
    const entry = groups.get(groupKey(group)) ?? { group, rows: [] };
    entry.rows.push(row);
    groups.set(groupKey(group), entry);
  }
  const nothing = metric.evaluate(emptyAggregate());
  return [...groups.values()].map((entry) => {
    const values = Array.from({ length }, () => nothing);
    for (const { bucket = 0, aggregate } of entry.rows) values[bucket] = metric.evaluate(aggregate);
    return { group: entry.group, values };
  });
};
