import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import type { Plain } from '../../common/index.js';
import { CellDto, type TimeBucket } from '../../metrics/index.js';
import type { MetricFacts, MetricPoint } from '../../trends/index.js';
import { Href, Instant, NumberOrNull, Numeric, Text } from './fields.js';

/** A figure with what it rests on. */
export class WidgetFigureDto {
  @NumberOrNull('Its value; null with too little data', 0.962)
  value: number | null;

  @Numeric('What it rests on: outcomes, durations, tests or runs', 840)
  n: number;

  @NumberOrNull('Lower end of its 95 % interval; null where it has none', 0.947)
  low: number | null;

  @NumberOrNull('Upper end of its 95 % interval; null where it has none', 0.973)
  high: number | null;
}

export class WidgetCellDto extends OmitType(CellDto, ['href'] as const) {
  @Href('The results behind it', '/api/v1/execution-reporting/dashboards/drilldown?projects=demo')
  href: string | null;
}

export class WidgetMetricDto {
  @Text('Id of the metric', 'pass_rate')
  metric: string;

  @Text('Its title', 'Pass rate')
  title: string;

  @Text('ratio, count, ms or number', 'ratio')
  unit: string;

  @ApiProperty({ description: 'Which way is better', enum: ['up', 'down', 'none'], example: 'up' })
  goodDirection: 'up' | 'down' | 'none';
}

export const toMetricView = (facts: MetricFacts): Plain<WidgetMetricDto> => ({
  metric: facts.id,
  title: facts.title,
  unit: facts.unit,
  goodDirection: facts.goodDirection,
});

export class SeriesPointDto extends WidgetFigureDto {
  @Instant('Begin of the period')
  at: string;

  @ApiPropertyOptional({ description: 'Only where the range cuts the period or it is not over yet', example: true })
  partial?: boolean;
}

export const toSeriesPoint = ({ from, value, n, low, high, partial }: MetricPoint): Plain<SeriesPointDto> => ({
  at: from.toISOString(),
  ...{ value, n, low, high },
  ...(partial && { partial }),
});

export class WidgetBucketDto {
  @Instant('Begin, included')
  from: string;

  @Instant('End, excluded')
  to: string;
}

export const toBucketView = ({ from, to }: TimeBucket): Plain<WidgetBucketDto> => ({
  from: from.toISOString(),
  to: to.toISOString(),
});

export class ComparisonDto {
  @ApiProperty({ description: 'The period of the same length before', type: WidgetBucketDto })
  range: WidgetBucketDto;

  @ApiProperty({ description: 'The figure then', type: WidgetFigureDto })
  figure: WidgetFigureDto;

  @NumberOrNull('Now - then; null where one of them is', 0.012)
  difference: number | null;

  @NumberOrNull('(now - then) / then; null where then is 0 or one of them is null', 0.0126)
  relative: number | null;

  @ApiProperty({
    description: 'Against the direction that is good for the metric; `unclear` where the intervals overlap',
    enum: ['improved', 'degraded', 'unclear', 'neutral', 'insufficient_data'],
    example: 'improved',
  })
  verdict: 'improved' | 'degraded' | 'unclear' | 'neutral' | 'insufficient_data';
}
