import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import type { CalendarInterval } from '../../../metrics/index.js';
import { ChangePointDto, ForecastDto, toTrends, TrendsDto } from '../../../trends/index.js';
import { ChoiceOption, Href, MetricOption, MetricsOption, PeriodOption, TopOption } from '../fields.js';
import { SeriesPointDto, WidgetMetricDto } from '../parts.dto.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

/** The trends behind a widget, as GET /trends gives them. */
const trendsOf = async (
  { scope, filter, range, sources }: WidgetContext,
  metrics: readonly string[],
  period: CalendarInterval,
  horizon?: number,
): Promise<Plain<TrendsDto>> => {
  const request = { filter, range, period, metrics, cycles: [], ...(horizon === undefined ? {} : { horizon }) };
  return toTrends(request, await sources.trends.trends(scope, request), null);
};

export class TrendChartOptionsDto {
  @MetricsOption(['pass_rate', 'duration_p95'], 5)
  metrics: string[];

  @PeriodOption('day')
  period?: CalendarInterval;

  @ChoiceOption('How the client may draw it', ['line', 'area', 'bar'], 'line')
  chart?: 'line' | 'area' | 'bar';

  @ApiPropertyOptional({ description: 'Periods to forecast; none without it', minimum: 1, maximum: 90, example: 14 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(90)
  forecast?: number;
}

export class TrendChartDataDto extends PickType(TrendsDto, ['period', 'series', 'correlations'] as const) {
  @ApiProperty({ description: 'As asked for', enum: ['line', 'area', 'bar'], example: 'line' })
  chart: 'line' | 'area' | 'bar';

  @Href('The same series')
  href: string | null;
}

export const trendChart: WidgetType<TrendChartOptionsDto, TrendChartDataDto> = {
  type: 'trend_chart',
  title: 'Time series',
  description:
    'Up to five metrics over time, each with direction, change points and anomalies; a forecast if asked for.',
  optionsDto: TrendChartOptionsDto,
  dataDto: TrendChartDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Pass rate and duration', options: { metrics: ['pass_rate', 'duration_p95'], period: 'day' } },
  reach: 'projects',
  ages: true,
  async compute(context, { metrics, period = 'day', chart = 'line', forecast }) {
    const { series, correlations } = await trendsOf(context, metrics, period, forecast);
    const more: Record<string, string> = forecast === undefined ? {} : { forecast: String(forecast) };
    return { chart, period, series, correlations, href: context.links.trends(metrics, period, more) };
  },
};

export class ChangePointsOptionsDto {
  @MetricsOption(['pass_rate', 'duration_p95'], 5, true)
  metrics?: string[];

  @PeriodOption('day')
  period?: CalendarInterval;

  @TopOption(10, 25)
  top?: number;
}

class WidgetChangePointDto extends ChangePointDto {
  @ApiProperty({ description: 'Metric that changed', type: WidgetMetricDto })
  metric: WidgetMetricDto;

  @Href('The series of the metric')
  href: string | null;
}

class UnjudgedMetricDto {
  @ApiProperty({ description: 'Id of the metric', example: 'run_duration' })
  metric: string;

  @ApiProperty({ description: 'What is missing', example: 'change points need 10 points, there are 4' })
  reason: string;
}

export class ChangePointsDataDto {
  @ApiProperty({ description: 'Newest first', type: [WidgetChangePointDto] })
  items: readonly WidgetChangePointDto[];

  @ApiProperty({ description: 'Metrics with too little data', type: [UnjudgedMetricDto] })
  insufficientData: readonly UnjudgedMetricDto[];
}

export const changePoints: WidgetType<ChangePointsOptionsDto, ChangePointsDataDto> = {
  type: 'change_points',
  title: 'Change points',
  description: 'Where the level of metrics changed, with the runs on either side.',
  optionsDto: ChangePointsOptionsDto,
  dataDto: ChangePointsDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'What has changed', options: { metrics: ['pass_rate', 'duration_p95'] } },
  reach: 'projects',
  ages: true,
  async compute(context, { metrics = ['pass_rate', 'duration_p95'], period = 'day', top = 10 }) {
    const { series } = await trendsOf(context, metrics, period);
    const items = series.flatMap(({ metric, title, unit, goodDirection, changePoints: points }) =>
      points.map((point) => ({
        ...point,
        metric: { metric, title, unit, goodDirection },
        href: context.links.trends([metric], period),
      })),
    );
    return {
      items: items.sort((a, b) => b.at.localeCompare(a.at)).slice(0, top),
      insufficientData: series.flatMap(({ metric, insufficientData }) =>
        insufficientData.flatMap(({ part, reason }) => (part === 'changePoints' ? [{ metric, reason }] : [])),
      ),
    };
  },
};

export class ForecastOptionsDto {
  @MetricOption('pass_rate', { optional: true, description: 'Any metric of the catalogue; pass_rate by default' })
  metric?: string;

  @PeriodOption('day')
  period?: CalendarInterval;

  @ApiPropertyOptional({ description: 'Periods ahead', minimum: 1, maximum: 90, default: 14, example: 14 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(90)
  horizon?: number;
}

export class ForecastDataDto {
  @ApiProperty({ description: 'The metric', type: WidgetMetricDto })
  metric: WidgetMetricDto;

  @ApiProperty({ description: 'What it rests on', type: [SeriesPointDto] })
  points: readonly SeriesPointDto[];

  @ApiProperty({ description: 'What is to be expected, with its intervals', type: ForecastDto })
  forecast: ForecastDto;

  @Href('The same forecast')
  href: string | null;
}

export const forecast: WidgetType<ForecastOptionsDto, ForecastDataDto> = {
  type: 'forecast',
  title: 'Forecast',
  description: 'A metric over time and where it is likely to go, with 80 % and 95 % intervals.',
  optionsDto: ForecastOptionsDto,
  dataDto: ForecastDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Pass rate of the next two weeks', options: { metric: 'pass_rate', horizon: 14 } },
  reach: 'projects',
  ages: true,
  async compute(context, { metric: id = 'pass_rate', period = 'day', horizon = 14 }) {
    const { series } = await trendsOf(context, [id], period, horizon);
    const { metric, title, unit, goodDirection, points, forecast: ahead } = series[0]!;
    return {
      metric: { metric, title, unit, goodDirection },
      points,
      forecast: ahead ?? { status: 'insufficient_data', reason: 'there is no forecast', points: [] },
      href: context.links.trends([id], period, { forecast: String(horizon) }),
    };
  },
};
