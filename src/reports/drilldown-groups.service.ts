import { Injectable } from '@nestjs/common';
import { compareText, type Scope } from '../common/index.js';
import { TestsRepository } from '../executions/index.js';
import {
  countsOf,
  emptyAggregate,
  mergeAggregate,
  MetricsService,
  NONE,
  toCell,
  type AnswerRow,
  type CellAggregate,
  type MetricAnswer,
  type MetricQuery,
} from '../metrics/index.js';
import { biggest, ClusterScan } from './domain/attempt-scan.js';
import type { Level, PathSegment } from './domain/drill-path.js';
import { localDateOf } from './domain/local-date.js';
import type { DrillContext } from './domain/drill-context.js';
import { drillHref } from './domain/links.js';
import type { Cell } from './domain/report-body.js';

/** A row of a level above results. `href` goes one level down, `cell.href` to all of its results. */
export interface DrillGroup {
  readonly kind: string;
  readonly value: string | null;
  readonly title: string;
  readonly cell?: Cell;
  readonly cluster?: {
    readonly size: number;
    readonly tests: number;
    readonly suites: readonly string[];
    readonly branches: readonly string[];
    readonly firstSeenAt: string;
    readonly lastSeenAt: string;
  };
  readonly bucket?: { readonly from: string; readonly to: string };
  readonly href: string;
}

type Group = Pick<DrillGroup, 'kind' | 'title' | 'bucket'> & {
  readonly value: string;
  readonly aggregate: CellAggregate;
};

export type LazyRow = () => DrillGroup;

/** The levels of a drill-down that are made of cells. */
@Injectable()
export class DrilldownGroupsService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly tests: TestsRepository,
  ) {}

  /** All rows of a level in order; each is made when it is shown, since its quantiles cost more than its place. */
  async rows(context: DrillContext, level: Exclude<Level, 'result' | 'step'>): Promise<LazyRow[]> {
    if (level === 'cluster') return (await this.clusters(context)).map((row) => () => row);
    const groups =
      level === 'day' || level === 'hour' ? await this.times(context, level) : await this.groups(context, level);
    return groups.map((group) => () => this.toRow(context, group));
  }

  private toRow({ head, place, path }: DrillContext, { kind, value, title, bucket, aggregate }: Group): DrillGroup {
    const below: PathSegment[] = [...path, { kind: kind as PathSegment['kind'], value }];
    return {
      ...{ kind, value: value || null, title },
      ...(bucket ? { bucket } : {}),
      cell: toCell(aggregate, drillHref(head.reportId, place, below, 'result')),
      href: drillHref(head.reportId, place, below),
    };
  }

  /** Newest first. */
  private async times(context: DrillContext, interval: 'day' | 'hour'): Promise<Group[]> {
    const { buckets, rows } = await this.ask(context, { interval });
    const { timeZone } = context.head.request.range;
    return rows.toReversed().map(({ bucket, aggregate }) => {
      const { from, to } = buckets[bucket!]!;
      const value = interval === 'day' ? localDateOf(from, timeZone) : from.toISOString();
      const view = { from: from.toISOString(), to: to.toISOString() };
      return { kind: interval, value, title: value, bucket: view, aggregate };
    });
  }

  /** Most failures first, then by what runs most, then by name. */
  private async groups(
    context: DrillContext,
    level: 'organization' | 'team' | 'project' | 'suite' | 'test',
  ): Promise<Group[]> {
    if (level === 'organization') {
      const { totals } = await this.ask(context, {});
      const { organization } = context.head;
      return [{ kind: level, value: organization, title: organization, aggregate: totals }];
    }
    const dimension = level === 'team' ? 'project' : level;
    const { rows } = await this.ask(context, { groupBy: [dimension] });
    const groups =
      level === 'team' ? byTeam(context, rows) : rows.map(({ group, aggregate }) => [group[0]!, aggregate] as const);
    const names =
      level === 'test'
        ? await this.namesOf(
            context.scope,
            groups.map(([value]) => value),
          )
        : new Map<string, string>();
    return groups
      .map(([value, aggregate]) => {
        const { failures, executions } = countsOf(aggregate);
        const title = names.get(value) ?? (value || NONE);
        return { kind: level, value, title, aggregate, failures, executions };
      })
      .sort(
        (a, b) =>
          b.failures - a.failures ||
          b.executions - a.executions ||
          compareText(a.title, b.title) ||
          compareText(a.value, b.value),
      );
  }

  private async clusters({ head, place, path, scope, narrowed, asOf }: DrillContext): Promise<DrillGroup[]> {
    const scan = new ClusterScan();
    for await (const day of this.metrics.scanRows(scope, narrowed.query, { asOf })) scan.add(day);
    return biggest(scan.clusters.values(), Infinity).map((cluster) => ({
      kind: 'cluster',
      value: cluster.fingerprint,
      title: `${cluster.size} x ${cluster.fingerprint}`,
      cluster: {
        size: cluster.size,
        tests: cluster.tests.size,
        suites: [...cluster.suites].sort(),
        branches: [...cluster.branches].sort(),
        firstSeenAt: new Date(cluster.firstAt).toISOString(),
        lastSeenAt: new Date(cluster.lastAt).toISOString(),
      },
      href: drillHref(head.reportId, place, [...path, { kind: 'cluster', value: cluster.fingerprint }], 'result'),
    }));
  }

  private ask(
    { scope, narrowed, asOf }: DrillContext,
    shape: Pick<MetricQuery, 'interval' | 'groupBy'>,
  ): Promise<MetricAnswer> {
    return this.metrics.queryAsOf(scope, { ...narrowed.query, ...shape }, asOf);
  }

  private async namesOf(scope: Scope, testIds: readonly string[]): Promise<Map<string, string>> {
    const found = await this.tests.findByIds(scope, testIds);
    return new Map(found.map(({ testId, name }) => [testId, name]));
  }
}

/** Teams as they were when the report was made, whatever team a project has now. */
const byTeam = ({ head }: DrillContext, rows: readonly AnswerRow[]): (readonly [string, CellAggregate])[] => {
  const teams = new Map(head.projects.map(({ key, team }) => [key, team]));
  const merged = new Map<string, CellAggregate>();
  for (const { group, aggregate } of rows) {
    const team = teams.get(group[0]!) ?? '';
    const sum = merged.get(team) ?? emptyAggregate();
    mergeAggregate(sum, aggregate);
    merged.set(team, sum);
  }
  return [...merged];
};
