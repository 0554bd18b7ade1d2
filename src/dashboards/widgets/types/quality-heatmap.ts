import { ApiProperty } from '@nestjs/swagger';
import {
  type AnswerRow,
  type CellAggregate,
  type Dimension,
  emptyAggregate,
  mergeAggregate,
} from '../../../metrics/index.js';
import { cellFigure, type Figure } from '../figures.service.js';
import { ChoiceOption, GroupText, Href, MetricOption, Numeric, TopOption } from '../fields.js';
import { WidgetBucketDto, WidgetFigureDto, toBucketView, toMetricView, WidgetMetricDto } from '../parts.dto.js';
import type { WidgetType } from '../widget-type.js';

const ROWS = [
  'suite',
  'branch',
  'environment',
  'project',
  'team',
  'type',
  'owner',
] as const satisfies readonly Dimension[];

export class QualityHeatmapOptionsDto {
  @MetricOption('pass_rate', { cells: true, optional: true, description: 'Metric of a cell; pass_rate by default' })
  metric?: string;

  @ChoiceOption('What the rows are', ROWS, 'suite')
  rows?: (typeof ROWS)[number];

  @ChoiceOption('What the columns are', ['day', 'week', 'month'], 'day')
  period?: 'day' | 'week' | 'month';

  @TopOption(10, 50)
  top?: number;
}

class HeatmapRowDto {
  @GroupText('Value of the dimension; null for none', 'checkout/cart')
  group: string | null;

  @ApiProperty({ description: 'Over all columns', type: WidgetFigureDto })
  overall: WidgetFigureDto;

  @ApiProperty({
    description: 'One per column; null where there is no outcome',
    type: 'array',
    items: { oneOf: [{ $ref: '#/components/schemas/WidgetFigureDto' }, { type: 'null' }] },
  })
  cells: readonly (WidgetFigureDto | null)[];

  @Href('The results of the row; with `&from=&to=` of a column those of a cell')
  href: string | null;
}

export class QualityHeatmapDataDto {
  @ApiProperty({ description: 'The metric', type: WidgetMetricDto })
  metric: WidgetMetricDto;

  @ApiProperty({ description: 'What the rows are', enum: ROWS, example: 'suite' })
  dimension: string;

  @ApiProperty({ description: 'Periods of the range, in order', type: [WidgetBucketDto] })
  columns: readonly WidgetBucketDto[];

  @ApiProperty({ description: 'The worst first', type: [HeatmapRowDto] })
  rows: readonly HeatmapRowDto[];

  @Numeric('Rows in all', 18)
  total: number;
}

interface HeatRow {
  readonly total: CellAggregate;
  readonly cells: Map<number, CellAggregate>;
}

const rowsOf = (rows: readonly AnswerRow[]): Map<string, HeatRow> => {
  const byGroup = new Map<string, HeatRow>();
  for (const { bucket = 0, group, aggregate } of rows) {
    const name = group[0] ?? '';
    const row = byGroup.get(name) ?? { total: emptyAggregate(), cells: new Map<number, CellAggregate>() };
    mergeAggregate(row.total, aggregate);
    row.cells.set(bucket, aggregate);
    byGroup.set(name, row);
  }
  return byGroup;
};

/** Sorts the worst first; what has no value comes last. */
const badness = ({ value }: Figure, goodDirection: string): number =>
  value === null ? Number.POSITIVE_INFINITY : goodDirection === 'up' ? value : -value;

export const qualityHeatmap: WidgetType<QualityHeatmapOptionsDto, QualityHeatmapDataDto> = {
  type: 'quality_heatmap',
  title: 'Quality heatmap',
  description: 'A metric by suite (or another dimension) and day.',
  optionsDto: QualityHeatmapOptionsDto,
  dataDto: QualityHeatmapDataDto,
  size: { w: 12, h: 5 },
  example: { title: 'Suites by day', options: { metric: 'pass_rate', rows: 'suite', top: 10 } },
  reach: 'filter',
  async compute(
    { scope, filter, range, links, sources },
    { metric = 'pass_rate', rows: dimension = 'suite', period = 'day', top = 10 },
  ) {
    const facts = sources.figures.factsOf(metric)!;
    const query = { filter, range, interval: period, groupBy: [dimension], attempts: 'final' } as const;
    const answer = await sources.metrics.query(scope, query);
    const all = [...rowsOf(answer.rows)].map(([name, row]) => ({ name, row, overall: cellFigure(metric, row.total)! }));
    const worst = (one: (typeof all)[number]): number => badness(one.overall, facts.goodDirection);
    all.sort((a, b) => worst(a) - worst(b) || a.name.localeCompare(b.name));
    return {
      metric: toMetricView(facts),
      dimension,
      columns: answer.buckets.map(toBucketView),
      rows: all.slice(0, top).map(({ name, row, overall }) => ({
        group: name || null,
        overall,
        cells: answer.buckets.map((_, i) => {
          const aggregate = row.cells.get(i);
          return aggregate ? cellFigure(metric, aggregate)! : null;
        }),
        href: links.cell({ group: [[dimension, name]] }),
      })),
      total: all.length,
    };
  },
};
