import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsNumber, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { QUALITY_BANDS, QUALITY_PARTS, type QualityBands, type QualityWeights } from './project.js';

const FINITE = { allowNaN: false, allowInfinity: false };
const LONGEST_HOURS = 8784;

/** Left out is fine, null is not: for fields that cannot be emptied. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** A number from 0 on. */
const UpTo = (maximum: number, description: string, example: number, required = true): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ description, required, minimum: 0, maximum, example }),
    IsNumber(FINITE),
    Min(0),
    Max(maximum),
  );

export class QualityWeightsDto {
  @UpTo(100, 'Weight of the pass rate', 50)
  passRate: number;

  @UpTo(100, 'Weight of stability', 30)
  stability: number;

  @UpTo(100, 'Weight of duration stability', 10)
  durationStability: number;

  @UpTo(100, 'Weight of recovery', 10)
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
  @UpTo(100, 'Excellent from this score on', 90)
  excellent: number;

  @UpTo(100, 'Good from this score on', 80)
  good: number;

  @UpTo(100, 'Fair from this score on', 70)
  fair: number;

  @UpTo(100, 'Poor from this score on; below it is critical', 60)
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
  @IfGiven()
  @UpTo(100, 'Least quality score', 70, false)
  minimumScore?: number;

  @IfGiven()
  @UpTo(1, 'Least pass rate', 0.9, false)
  minimumPassRate?: number;

  @IfGiven()
  @UpTo(1, 'Most flakiness, mean phi of the tests', 0.05, false)
  maximumFlakiness?: number;

  @IfGiven()
  @UpTo(LONGEST_HOURS, 'Most hours to recovery, on average', 72, false)
  maximumMttrHours?: number;
}
