import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CALENDAR_INTERVALS, type CalendarInterval } from '../../metrics/index.js';
import { ForecastDto } from './forecast.dto.js';
import { AnomalyDto, ChangePointDto } from './trend-events.dto.js';
import { TrendDefinitionDto, Instant, Numeric, Text } from './trend-fields.js';
import {
  CorrelationDto,
  CycleDto,
  DIRECTIONS,
  InsufficientDto,
  MannKendallDto,
  MetricCorrelationDto,
  PatternDto,
  SlopeDto,
  StatisticsDto,
  TrendPointDto,
} from './trend-parts.dto.js';

class TrendSeriesDto {
  @Text('Id of the metric', 'pass_rate')
  metric: string;

  @Text('Its title', 'Pass rate')
  title: string;

  @Text('Its unit: ratio, count, ms or number', 'ratio')
  unit: string;

  @ApiProperty({ description: 'Which way is better', enum: ['up', 'down', 'none'], example: 'up' })
  goodDirection: 'up' | 'down' | 'none';

  @ApiProperty({ description: 'One per period of the range, in order', type: [TrendPointDto] })
  points: readonly TrendPointDto[];

  @ApiProperty({
    description: 'Summary of the points that were judged: from the first with data, without partial periods of sums',
    type: StatisticsDto,
  })
  statistics: StatisticsDto;

  @ApiProperty({
    description:
      'Where it goes. improving, degrading: a significant trend, for the better or the worse; stable: none; volatile: none, and it varies by a quarter or more; insufficient_data: fewer than 8 periods with a value',
    enum: DIRECTIONS,
    example: 'stable',
  })
  direction: (typeof DIRECTIONS)[number];

  @ApiProperty({ description: 'How fast', type: SlopeDto })
  slope: SlopeDto;

  @ApiProperty({ description: 'The test behind the direction', type: MannKendallDto })
  mannKendall: MannKendallDto;

  @ApiProperty({ description: 'Correlation with time', type: CorrelationDto })
  correlationWithTime: CorrelationDto;

  @ApiProperty({ description: 'Where the level changed, at most 5, in order', type: [ChangePointDto] })
  changePoints: readonly ChangePointDto[];

  @ApiProperty({ description: 'Points out of what was to be expected', type: [AnomalyDto] })
  anomalies: readonly AnomalyDto[];

  @ApiProperty({ description: 'Cycles with which the series repeats', type: [CycleDto] })
  seasonality: readonly CycleDto[];

  @ApiProperty({ description: 'All cycles that were tested', type: [CycleDto] })
  testedCycles: readonly CycleDto[];

  @ApiProperty({ description: 'What was found, in words', type: [PatternDto] })
  patterns: readonly PatternDto[];

  @ApiPropertyOptional({ description: 'Only when asked for by `forecast`', type: ForecastDto })
  forecast?: ForecastDto;

  @ApiProperty({ description: 'Parts that lack data, and why', type: [InsufficientDto] })
  insufficientData: readonly InsufficientDto[];
}

class TrendRangeDto {
  @Instant('Begin, included')
  from: string;

  @Instant('End, excluded')
  to: string;

  @Text('Zone in which the periods begin', 'UTC')
  timeZone: string;
}

export class TrendsDto {
  @Numeric('Position in the commit log that the figures stand for', 51_234)
  asOf: number;

  @ApiProperty({ description: 'What the figures mean', type: TrendDefinitionDto })
  definition: TrendDefinitionDto;

  @ApiProperty({ description: 'Step of the series', enum: CALENDAR_INTERVALS, example: 'day' })
  period: CalendarInterval;

  @ApiProperty({ description: 'What they look at', type: TrendRangeDto })
  range: TrendRangeDto;

  @ApiProperty({ description: 'One per metric, in the order asked for', type: [TrendSeriesDto] })
  series: readonly TrendSeriesDto[];

  @ApiProperty({
    description: 'Each pair of metrics, over the whole periods that both have',
    type: [MetricCorrelationDto],
  })
  correlations: readonly MetricCorrelationDto[];

  @ApiProperty({
    description: 'Age of the newest data in scope, in seconds; null where there is none',
    type: Number,
    nullable: true,
    example: 12,
  })
  dataFreshnessSeconds: number | null;
}
