import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import type { Plain } from '../../common/index.js';
import { bucketsOf, type CalendarInterval, MetricsService } from '../../metrics/index.js';
import { type TrendsDto, type TrendsRequest, TrendsService, toTrends } from '../../trends/index.js';
import type { Cell, ColumnType, Row, ValueColumn } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import { ROW_FORMATS } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from './export-source.js';
import { chartOf, figureOf, findingsOf, type Series, tableOf } from './trend-summary.js';

/** A point of a series, or of its forecast. */
interface Point {
  readonly series: Series;
  readonly kind: 'actual' | 'forecast';
  readonly at: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number | null;
  readonly partial: boolean;
}

type TrendColumn = ValueColumn<Point>;

const BATCH = 1_000;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (point: Point) => Cell,
): TrendColumn => ({ key, title, type, description, value });

const COLUMNS: readonly TrendColumn[] = [
  column('metric', 'Metric', 'text', 'Id of the metric', ({ series }) => series.metric),
  column('at', 'Begin', 'date', 'Begin of the period', ({ at }) => new Date(at)),
  column('kind', 'Kind', 'text', 'actual or forecast', ({ kind }) => kind),
  column('value', 'Value', 'number', 'In the unit of the metric; empty for a gap', ({ value }) => value),
  column('low', 'Low', 'number', 'Lower end of the 95 % interval', ({ low }) => low),
  column('high', 'High', 'number', 'Upper end of the 95 % interval', ({ high }) => high),
  column('n', 'n', 'number', 'What the point rests on', ({ n }) => n),
  column('partial', 'Partial', 'boolean', 'The period is cut, or not over yet', ({ partial }) => partial),
  column('unit', 'Unit', 'text', 'ratio, count, ms or number', ({ series }) => series.unit),
  column('title', 'Title', 'text', 'Title of the metric', ({ series }) => series.title),
];

const DEFAULTS = ['metric', 'at', 'kind', 'value', 'low', 'high', 'n', 'partial'];

const requestOf = ({ filter, range, options }: Pick<ReadContext, 'filter' | 'range' | 'options'>): TrendsRequest => ({
  ...{ filter, range },
  period: (options.period as CalendarInterval | undefined) ?? 'day',
  metrics: (options.metrics as string[] | undefined) ?? ['pass_rate'],
  ...(typeof options.forecast === 'number' ? { horizon: options.forecast } : {}),
  cycles: [],
});

/** The points of series, as GET /trends answers them. */
@Injectable()
export class TrendSource implements ExportSource {
  readonly kind = 'trend';
  readonly title = 'Trend';
  readonly description = 'Points of up to ten series with their intervals, and of their forecasts';
  readonly permission = 'trends:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = COLUMNS;
  readonly defaultColumns = DEFAULTS;

  constructor(
    private readonly trends: TrendsService,
    private readonly metrics: MetricsService,
  ) {}

  async prepare({ scope }: Principal, { options, filter, range }: SourceRequest): Promise<PreparedSource> {
    const request = requestOf({ filter, range, options });
    await this.trends.versionOf(scope, request);
    const projects = await this.metrics.projectsOf(scope, filter);
    const { metrics, period, horizon } = request;
    return {
      options: { metrics, period, ...(horizon === undefined ? {} : { forecast: horizon }) },
      ...{ filter, range },
      projects: projects.map(({ key }) => key),
      name: `trend of ${metrics.join(', ')}`,
      defaultColumns: DEFAULTS,
    };
  }

  extent(context: ReadContext): Promise<Extent> {
    const { range, period, metrics, horizon = 0 } = requestOf(context);
    const rows = (bucketsOf(range, period).length + horizon) * metrics.length;
    return Promise.resolve({ rows, exact: horizon === 0 });
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(COLUMNS, keys, DEFAULTS);
    const points = (await this.answer(context)).series.flatMap(pointsOf);
    for (let from = 0; from < points.length; from += BATCH)
      yield points.slice(from, from + BATCH).map((point) => columns.map((each) => each.value(point)));
  }

  async summary(context: ReadContext): Promise<Summary> {
    const { series, asOf } = await this.answer(context);
    const { timeZone } = context.range;
    return {
      title: series.length === 1 ? `Trend: ${series[0]!.title}` : 'Trends',
      figures: series.map(figureOf),
      charts: series.map((each) => chartOf(each, timeZone)),
      findings: findingsOf(series),
      tables: series.map((each) => tableOf(each, timeZone)),
      asOf,
      withRows: false,
    };
  }

  private async answer({ scope, ...context }: ReadContext): Promise<Plain<TrendsDto>> {
    const request = requestOf(context);
    const answer = await this.trends.trends(scope, request);
    return toTrends(request, answer, null);
  }
}

const pointsOf = (series: Series): Point[] => [
  ...series.points.map((point): Point => ({
    ...{ series, kind: 'actual', at: point.at, value: point.value, low: point.low, high: point.high, n: point.n },
    partial: point.partial === true,
  })),
  ...(series.forecast?.points ?? []).map((point): Point => ({
    ...{ series, kind: 'forecast', at: point.at, value: point.value, low: point.low95, high: point.high95 },
    ...{ n: null, partial: false },
  })),
];
