import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../../common/index.js';
import { bucketsOf, type CalendarInterval, previousRange, type TimeRange } from '../../../metrics/index.js';
import { compareFigures } from '../../domain/compare-figures.js';
import { gaugeState, type GaugeState, GAUGE_STATES } from '../../domain/gauge.js';
import { BooleanOption, Href, MetricOption, NumberOption } from '../fields.js';
import {
  ComparisonDto,
  WidgetFigureDto,
  SeriesPointDto,
  toBucketView,
  toMetricView,
  toSeriesPoint,
  WidgetMetricDto,
} from '../parts.dto.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

export class MetricNumberOptionsDto {
  @MetricOption('pass_rate', { description: 'Any metric of the catalogue, run.<name> included' })
  metric: string;

  @BooleanOption('Adds the period of the same length before', true)
  compare?: boolean;

  @BooleanOption('Adds the series over the range', true)
  sparkline?: boolean;

  @NumberOption('From here on (for a metric of which more is better: down from here) it is a warning', 0.95)
  warning?: number;

  @NumberOption('From here on it is critical', 0.9)
  critical?: number;
}

export class MetricNumberDataDto {
  @ApiProperty({ description: 'The metric', type: WidgetMetricDto })
  metric: WidgetMetricDto;

  @ApiProperty({ description: 'Its value over the range', type: WidgetFigureDto })
  figure: WidgetFigureDto;

  @ApiProperty({ description: 'Against the thresholds; `unknown` without any', enum: GAUGE_STATES, example: 'ok' })
  state: GaugeState;

  @ApiPropertyOptional({ description: 'The period before', type: ComparisonDto })
  previous?: ComparisonDto;

  @ApiPropertyOptional({ description: 'At most about 60 points', type: [SeriesPointDto] })
  sparkline?: readonly SeriesPointDto[];

  @Href('The series')
  href: string | null;
}

const MOST_POINTS = 62;
const PERIODS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const satisfies readonly CalendarInterval[];

/** The shortest period that gives a line rather than a cloud. */
export const periodFor = (range: TimeRange, most = MOST_POINTS): CalendarInterval =>
  PERIODS.find((period) => {
    const hours = (range.to.getTime() - range.from.getTime()) / 3_600_000;
    return !(period === 'hour' && hours > most) && bucketsOf(range, period).length <= most;
  }) ?? 'year';

export const metricNumber: WidgetType<MetricNumberOptionsDto, MetricNumberDataDto> = {
  type: 'metric_number',
  title: 'Number',
  description: 'One metric over the range, against the period before, with a sparkline.',
  optionsDto: MetricNumberOptionsDto,
  dataDto: MetricNumberDataDto,
  size: { w: 3, h: 2 },
  example: { title: 'Pass rate', options: { metric: 'pass_rate', warning: 0.95, critical: 0.9 } },
  reach: 'projects',
  ages: true,
  compute: (context, options) => numberOf(context, options),
};

const numberOf = async (
  context: WidgetContext,
  { metric, compare = true, sparkline = true, warning, critical }: MetricNumberOptionsDto,
): Promise<Plain<MetricNumberDataDto>> => {
  const { scope, filter, range, links, sources } = context;
  const facts = sources.figures.factsOf(metric)!;
  const before = previousRange(range);
  const [figure] = await sources.figures.over(scope, filter, range, [metric]);
  const [then] = compare ? await sources.figures.over(scope, filter, before, [metric]) : [];
  const period = periodFor(range);
  const [series] = sparkline ? await sources.series.read(scope, { filter, range, period }, [facts]) : [];
  return {
    metric: toMetricView(facts),
    figure: figure!,
    state: gaugeState(figure!.value, facts.goodDirection, { warning, critical }),
    ...(then && {
      previous: { range: toBucketView(before), figure: then, ...compareFigures(figure!, then, facts.goodDirection) },
    }),
    ...(series && { sparkline: series.points.map(toSeriesPoint) }),
    href: links.trends([metric], period),
  };
};
