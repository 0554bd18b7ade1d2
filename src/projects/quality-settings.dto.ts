import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsNumber, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { QUALITY_BANDS, QUALITY_PARTS, type QualityBands, type QualityWeights } from './project.js';

const FINITE = { allowNaN: false, allowInfinity: false };
const LONGEST_HOURS = 8784;

/** Left out is fine, null is not: for fields that cannot be emptied. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

export class QualityWeightsDto {
  @ApiProperty({ description: 'Weight of the pass rate', minimum: 0, maximum: 100, example: 50 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  passRate: number;

  @ApiProperty({ description: 'Weight of stability', minimum: 0, maximum: 100, example: 30 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  stability: number;

  @ApiProperty({ description: 'Weight of duration stability', minimum: 0, maximum: 100, example: 10 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  durationStability: number;

  @ApiProperty({ description: 'Weight of recovery', minimum: 0, maximum: 100, example: 10 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  recovery: number;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const sumIsPositive = (value: unknown): boolean =>
  isObject(value) && QUALITY_PARTS.some((part) => (value as QualityWeights)[part] > 0);

/** All weights 0 would leave the score without a value. */
export const NotAllZero = (): PropertyDecorator =>
  ValidateBy({
    name: 'notAllZero',
    validator: { validate: sumIsPositive, defaultMessage: () => 'at least one weight must be more than 0' },
  });

export class QualityBandsDto {
  @ApiProperty({ description: 'Excellent from this score on', minimum: 0, maximum: 100, example: 90 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  excellent: number;

  @ApiProperty({ description: 'Good from this score on', minimum: 0, maximum: 100, example: 80 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  good: number;

  @ApiProperty({ description: 'Fair from this score on', minimum: 0, maximum: 100, example: 70 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  fair: number;

  @ApiProperty({ description: 'Poor from this score on; below it is critical', minimum: 0, maximum: 100, example: 60 })
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  poor: number;
}

const isFalling = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const starts = QUALITY_BANDS.map((band) => (value as QualityBands)[band]);
  return starts.every((start, i) => i === 0 || start < starts[i - 1]!);
};

/** A band that begins where a better one does would be empty. */
export const FallingBands = (): PropertyDecorator =>
  ValidateBy({
    name: 'fallingBands',
    validator: {
      validate: isFalling,
      defaultMessage: () => 'each band must begin at less than the better one: excellent > good > fair > poor',
    },
  });

export class QualityLimitsDto {
  @ApiPropertyOptional({ description: 'Least quality score', minimum: 0, maximum: 100, example: 70 })
  @IfGiven()
  @IsNumber(FINITE)
  @Min(0)
  @Max(100)
  minimumScore?: number;

  @ApiPropertyOptional({ description: 'Least pass rate', minimum: 0, maximum: 1, example: 0.9 })
  @IfGiven()
  @IsNumber(FINITE)
  @Min(0)
  @Max(1)
  minimumPassRate?: number;

  @ApiPropertyOptional({ description: 'Most flakiness, mean phi of the tests', minimum: 0, maximum: 1, example: 0.05 })
  @IfGiven()
  @IsNumber(FINITE)
  @Min(0)
  @Max(1)
  maximumFlakiness?: number;

  @ApiPropertyOptional({
    description: 'Most hours to recovery, on average',
    minimum: 0,
    maximum: LONGEST_HOURS,
    example: 72,
  })
  @IfGiven()
  @IsNumber(FINITE)
  @Min(0)
  @Max(LONGEST_HOURS)
  maximumMttrHours?: number;
}
