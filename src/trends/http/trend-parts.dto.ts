import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { TrendDefinitionDto, Instant, NumberOrNull, Numeric, Reason, Status, Text } from './trend-fields.js';
import type { StatusName } from './trend-fields.js';

export const DIRECTIONS = ['improving', 'degrading', 'stable', 'volatile', 'insufficient_data'] as const;
export const PATTERNS = ['season', 'cycle', 'step', 'drift', 'burst'] as const;

export class TrendPointDto {
  @Instant('Begin of the period')
  at: string;

  @NumberOrNull('Value; null is a gap', 0.962)
  value: number | null;

  @Numeric('What it rests on: outcomes, durations or runs', 840)
  n: number;

  @NumberOrNull('Lower end of the 95 % Wilson interval; null where the metric is no rate', 0.947)
  low: number | null;

  @NumberOrNull('Upper end of the 95 % Wilson interval; null where the metric is no rate', 0.973)
  high: number | null;

  @ApiPropertyOptional({ description: 'Only where the range cuts the period or it is not over yet', example: true })
  partial?: boolean;
}

export class StatisticsDto {
  @Status()
  status: StatusName;

  @Reason()
  reason?: string;

  @Numeric('Points that are there', 30)
  n: number;

  @Numeric('Gaps among them', 0)
  gaps: number;

  @NumberOrNull('Mean of the points', 0.958)
  mean: number | null;

  @NumberOrNull('Median of the points', 0.961)
  median: number | null;

  @NumberOrNull('Standard deviation of the sample; null for one point', 0.014)
  sd: number | null;

  @NumberOrNull('Smallest point', 0.9)
  min: number | null;

  @NumberOrNull('Largest point', 0.981)
  max: number | null;
}

export class SlopeDto {
  @NumberOrNull('Theil-Sen slope per period', 0.0004)
  value: number | null;

  @NumberOrNull('Lower end of its 95 % interval, corrected for autocorrelation', -0.0001)
  low: number | null;

  @NumberOrNull('Upper end of its 95 % interval', 0.0009)
  high: number | null;

  @Text('Unit of the metric, per period', 'ratio per day')
  unit: string;
}

class MannKendallTestDto {
  @Numeric("Variance of S under the test's correction", 3141.7)
  variance: number;

  @Numeric('z', 1.8)
  z: number;

  @Numeric('Two-sided p value', 0.072)
  p: number;
}

export class MannKendallDto {
  @Status()
  status: StatusName;

  @Reason()
  reason?: string;

  @ApiPropertyOptional({ description: 'Formula and version', type: TrendDefinitionDto })
  definition?: TrendDefinitionDto;

  @Numeric('Points', 30)
  n: number;

  @ApiPropertyOptional({ description: 'Concordant less discordant pairs', type: Number, example: 102 })
  s?: number;

  @ApiPropertyOptional({ description: "Kendall's tau: S over the number of pairs", type: Number, example: 0.23 })
  tau?: number;

  @ApiPropertyOptional({ description: 'Without correction, ties counted', type: MannKendallTestDto })
  plain?: MannKendallTestDto;

  @ApiPropertyOptional({ description: 'Corrected for autocorrelation by Hamed & Rao', type: MannKendallTestDto })
  hamedRao?: MannKendallTestDto;

  @ApiPropertyOptional({ description: 'Of the pre-whitened series', type: MannKendallTestDto })
  preWhitened?: MannKendallTestDto;

  @Numeric('Level of the test', 0.05)
  alpha: number;

  @ApiProperty({ description: 'The corrected test finds a trend', example: false })
  significant: boolean;

  @ApiProperty({ description: 'Significant, and the pre-whitened test agrees', example: false })
  confirmed: boolean;
}

class CoefficientDto {
  @Numeric('Coefficient, -1 to 1', 0.31)
  value: number;

  @Numeric('Lower end of its 95 % interval (Fisher)', -0.06)
  low: number;

  @Numeric('Upper end of its 95 % interval', 0.61)
  high: number;
}

export class CorrelationDto {
  @Status()
  status: StatusName;

  @Reason()
  reason?: string;

  @ApiPropertyOptional({ description: 'Formula and version', type: TrendDefinitionDto })
  definition?: TrendDefinitionDto;

  @ApiPropertyOptional({ description: 'Points that both have', type: Number, example: 30 })
  n?: number;

  @ApiPropertyOptional({ description: 'What they are worth after autocorrelation', type: Number, example: 27.4 })
  effectiveN?: number;

  @ApiPropertyOptional({ description: 'Linear', type: CoefficientDto })
  pearson?: CoefficientDto;

  @ApiPropertyOptional({ description: 'Of ranks', type: CoefficientDto })
  spearman?: CoefficientDto;
}

export class MetricCorrelationDto extends CorrelationDto {
  @ApiProperty({ description: 'The two metrics', type: [String], example: ['pass_rate', 'duration_p95'] })
  metrics: readonly string[];
}

export class CycleDto {
  @Status()
  status: StatusName;

  @Reason()
  reason?: string;

  @Text('Cycle', 'day of week')
  name: string;

  @Numeric('Its length in periods', 7)
  lag: number;

  @ApiProperty({ description: 'Whether the series repeats with it', example: true })
  significant: boolean;

  @NumberOrNull('Autocorrelation at the lag', 0.61)
  r: number | null;

  @NumberOrNull('What r must exceed', 0.19)
  threshold: number | null;

  @NumberOrNull('p value of equal means of the phases (F test)', 0.0001)
  p: number | null;

  @NumberOrNull('Share of the detrended variance that the phases explain', 0.44)
  strength: number | null;

  @ApiProperty({
    description:
      'Median deviation from the level by phase; the first phase is that of `profileFrom`. Empty unless significant',
    type: [Number],
    example: [-0.021, 0.004, 0.003, 0.005, 0.002, 0.004, 0.003],
  })
  profile: readonly number[];

  @ApiPropertyOptional({
    description: 'Begin of the period that the first phase stands for',
    format: 'date-time',
    example: '2026-06-01T00:00:00.000Z',
  })
  profileFrom?: string;
}

export class PatternDto {
  @ApiProperty({
    description:
      'What was found. season: repeats with a known period; cycle: with one that was asked for; step: the level changed; drift: a trend without a step; burst: consecutive anomalies of one direction',
    enum: PATTERNS,
    example: 'step',
  })
  kind: (typeof PATTERNS)[number];

  @Text('In words', 'Stepped down from 96.8 % to 90.2 %')
  text: string;

  @ApiProperty({
    description: 'Begins of the periods that it is about',
    type: [String],
    example: ['2026-06-18T00:00:00.000Z'],
  })
  at: readonly string[];

  @ApiProperty({
    description: 'The figures it rests on',
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { before: 0.968, after: 0.902, gain: 24.6 },
  })
  evidence: Readonly<Record<string, number>>;
}

export class InsufficientDto {
  @Text('Part of the answer', 'changePoints')
  part: string;

  @Text('Why it is empty', 'change points need 8 points, there are 3')
  reason: string;
}
