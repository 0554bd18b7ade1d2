import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, ValidateBy, type ValidationArguments } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import { CALENDAR_INTERVALS, type CalendarInterval, DIMENSIONS, type Dimension } from '../../../metrics/index.js';
import { cellFigure } from '../figures.service.js';
import { ChoiceOption, Href, isCellMetricId, MetricsOption, Numeric, TextOrNull, TopOption } from '../fields.js';
import { WidgetBucketDto, WidgetFigureDto, toBucketView, toMetricView, WidgetMetricDto } from '../parts.dto.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

export const CHARTS = ['number', 'gauge', 'line', 'area', 'bar', 'pie', 'table', 'heatmap'] as const;
type Chart = (typeof CHARTS)[number];

const NeedsCells = (): PropertyDecorator =>
  ValidateBy({
    name: 'needsCells',
    validator: {
      validate: (_: unknown, args?: ValidationArguments) => {
        const { metrics } = (args?.object ?? {}) as CustomOptionsDto;
        return !Array.isArray(metrics) || metrics.every(isCellMetricId);
      },
      defaultMessage: () => 'needs metrics with source "cell": see /metrics-catalogue',
    },
  });

export class CustomOptionsDto {
  @MetricsOption(['pass_rate'], 5)
  metrics: string[];

  @ChoiceOption('How the client may draw it', CHARTS, 'table')
  chart?: Chart;

  @ApiPropertyOptional({ description: 'Buckets of time; none without it', enum: CALENDAR_INTERVALS, example: 'week' })
  @IsOptional()
  @IsIn(CALENDAR_INTERVALS)
  interval?: CalendarInterval;

  @ApiPropertyOptional({
    description: 'A dimension to tell apart, with metrics of a cell only; none without it',
    enum: DIMENSIONS,
    example: 'suite',
  })
  @IsOptional()
  @IsIn(DIMENSIONS)
  @NeedsCells()
  groupBy?: Dimension;

  @TopOption(20)
  top?: number;
}

class CustomRowDto {
  @ApiPropertyOptional({ description: 'Position in `buckets`; only with an interval', example: 0 })
  bucket?: number;

  @ApiPropertyOptional({
    description:
      'Value of the dimension, null for none; only with groupBy; behind a share link people are `user 1`, `owner 2`',
    type: String,
    nullable: true,
    example: 'checkout',
  })
  group?: string | null;

  @ApiPropertyOptional({ description: 'Name of the test, whose id is the group; only there', example: 'pays by card' })
  label?: string;

  @ApiProperty({ description: 'One per metric', type: [WidgetFigureDto] })
  figures: readonly WidgetFigureDto[];

  @Href('What lies behind it')
  href: string | null;
}

export class CustomDataDto {
  @ApiProperty({ description: 'As asked for', enum: CHARTS, example: 'table' })
  chart: Chart;

  @TextOrNull('What its rows are told apart by; null without groupBy', 'suite')
  dimension: string | null;

  @ApiProperty({ description: 'The metrics, in the order of the figures', type: [WidgetMetricDto] })
  metrics: readonly WidgetMetricDto[];

  @ApiProperty({ description: 'Buckets of the interval; none without one', type: [WidgetBucketDto] })
  buckets: readonly WidgetBucketDto[];

  @ApiProperty({ description: 'By bucket and group', type: [CustomRowDto] })
  rows: readonly CustomRowDto[];

  @Numeric('Groups in all', 18)
  groups: number;
}

type Answer = Pick<Plain<CustomDataDto>, 'buckets' | 'rows' | 'groups'>;

/** The groups with the most outcomes, each with all of its buckets. */
const grouped = async (
  { scope, filter, range, links, sources }: WidgetContext,
  { metrics, interval, top = 20 }: CustomOptionsDto,
  groupBy: Dimension,
): Promise<Answer> => {
  const query = { filter, range, groupBy: [groupBy], attempts: 'final', ...(interval && { interval }) } as const;
  const { buckets, rows } = await sources.metrics.query(scope, query);
  const sizes = new Map<string, number>();
  for (const { group, aggregate } of rows) {
    const n = aggregate.counts.reduce((sum, count) => sum + count, 0);
    sizes.set(group[0]!, (sizes.get(group[0]!) ?? 0) + n);
  }
  const shown = new Set(
    [...sizes]
      .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
      .slice(0, top)
      .map(([name]) => name),
  );
  const names = groupBy === 'test' ? await sources.tests.namesOf(scope, [...shown]) : new Map<string, string>();
  return {
    buckets: buckets.map(toBucketView),
    groups: sizes.size,
    rows: rows
      .filter(({ group }) => shown.has(group[0]!))
      .map(({ bucket, group, aggregate }) => ({
        ...(bucket !== undefined && { bucket }),
        group: group[0] || null,
        ...(names.has(group[0]!) && { label: names.get(group[0]!)! }),
        figures: metrics.map((id) => cellFigure(id, aggregate)!),
        href: links.cell({ group: [[groupBy, group[0]!]], ...(bucket !== undefined && buckets[bucket]) }),
      })),
  };
};

const ungrouped = async (
  { scope, filter, range, links, sources }: WidgetContext,
  { metrics, interval }: CustomOptionsDto,
): Promise<Answer> => {
  if (!interval) {
    const figures = await sources.figures.over(scope, filter, range, metrics);
    return { buckets: [], groups: 1, rows: [{ figures, href: links.cell() }] };
  }
  const facts = metrics.map((id) => sources.figures.factsOf(id)!);
  const series = await sources.series.read(scope, { filter, range, period: interval }, facts);
  const points = series[0]?.points ?? [];
  return {
    buckets: points.map(toBucketView),
    groups: 1,
    rows: points.map(({ from, to }, bucket) => ({
      bucket,
      figures: series.map(({ points: own }) => {
        const { value, n, low, high } = own[bucket]!;
        return { value, n, low, high };
      }),
      href: links.cell({ from, to }),
    })),
  };
};

export const custom: WidgetType<CustomOptionsDto, CustomDataDto> = {
  type: 'custom',
  title: 'Custom',
  description: 'Any metrics of the catalogue, over time and by a dimension, for any chart.',
  optionsDto: CustomOptionsDto,
  dataDto: CustomDataDto,
  size: { w: 6, h: 4 },
  example: {
    title: 'Suites by week',
    options: { metrics: ['executions', 'pass_rate'], chart: 'table', interval: 'week', groupBy: 'suite', top: 5 },
  },
  reach: 'projects',
  ages: true,
  async compute(context, options) {
    const { metrics, chart = 'table', groupBy } = options;
    const answer = groupBy ? await grouped(context, options, groupBy) : await ungrouped(context, options);
    const shown = metrics.map((id) => toMetricView(context.sources.figures.factsOf(id)!));
    return { chart, dimension: groupBy ?? null, metrics: shown, ...answer };
  },
};
