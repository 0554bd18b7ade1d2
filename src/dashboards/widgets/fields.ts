import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { CALENDAR_INTERVALS, findMetric } from '../../metrics/index.js';
import { isQualityMetric } from '../../quality/index.js';

export const Numeric = (description: string, example: number): PropertyDecorator =>
  ApiProperty({ description, type: Number, example });

export const NumberOrNull = (description: string, example: number): PropertyDecorator =>
  ApiProperty({ description, type: Number, nullable: true, example });

export const Text = (description: string, example: string): PropertyDecorator =>
  ApiProperty({ description, type: String, example });

export const TextOrNull = (description: string, example: string | null): PropertyDecorator =>
  ApiProperty({ description, type: String, nullable: true, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, format: 'date-time', type: String, example: '2026-06-30T12:00:00.000Z' });

export const InstantOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ description, format: 'date-time', type: String, nullable: true, example: '2026-06-30T12:00:00.000Z' });

/** A way on; null where there is none, and for whoever came by a share link. */
export const Href = (description: string, example = '/api/v1/execution-reporting/runs/6650c0ffee6650c0ffee0001') =>
  ApiProperty({
    description: `${description}; null behind a share link`,
    type: String,
    nullable: true,
    example,
  });

/** What a row is about, where that may be a person. */
export const GroupText = (description: string, example: string) =>
  TextOrNull(`${description}; behind a share link people are \`user 1\`, \`owner 2\``, example);

export const isMetricId = (value: unknown): value is string =>
  typeof value === 'string' && (findMetric(value) !== undefined || isQualityMetric(value));

export const isCellMetricId = (value: unknown): value is string =>
  typeof value === 'string' && findMetric(value)?.source === 'cell';

const metricCheck = (cells: boolean, each: boolean): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isMetric',
      validator: {
        validate: cells ? isCellMetricId : isMetricId,
        defaultMessage: () =>
          cells
            ? 'must be the id of a metric with source "cell": see /metrics-catalogue'
            : 'must be the id of a metric: see /metrics-catalogue',
      },
    },
    { each },
  );

export const MetricOption = (
  example: string,
  { cells = false, optional = false, description = 'Id of a metric' } = {},
) =>
  applyDecorators(
    (optional ? ApiPropertyOptional : ApiProperty)({ description, type: String, example }),
    ...(optional ? [IsOptional()] : []),
    metricCheck(cells, false),
  );

export const MetricsOption = (example: readonly string[], max: number, optional = false) =>
  applyDecorators(
    (optional ? ApiPropertyOptional : ApiProperty)({
      description: `Ids of metrics, at most ${max}`,
      type: [String],
      minItems: 1,
      maxItems: max,
      example: [...example],
    }),
    ...(optional ? [IsOptional()] : []),
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(max),
    ArrayUnique(),
    metricCheck(false, true),
  );

export const TopOption = (fallback: number, max = 100) =>
  applyDecorators(
    ApiPropertyOptional({
      description: 'Rows at most',
      minimum: 1,
      maximum: max,
      default: fallback,
      example: fallback,
    }),
    IsOptional(),
    IsInt(),
    Min(1),
    Max(max),
  );

export const BooleanOption = (description: string, fallback: boolean) =>
  applyDecorators(
    ApiPropertyOptional({ description, default: fallback, example: fallback }),
    IsOptional(),
    IsBoolean(),
  );

export const ChoiceOption = (description: string, choices: readonly string[], fallback?: string) =>
  applyDecorators(
    ApiPropertyOptional({
      description,
      enum: [...choices],
      ...(fallback === undefined ? {} : { default: fallback }),
      example: fallback ?? choices[0],
    }),
    IsOptional(),
    IsIn(choices),
  );

export const PeriodOption = (fallback: string) =>
  ChoiceOption('Step of the series, in local time; weeks begin on Monday', CALENDAR_INTERVALS, fallback);

export const NumberOption = (description: string, example: number) =>
  applyDecorators(
    ApiPropertyOptional({ description, type: Number, example }),
    IsOptional(),
    IsNumber({ allowNaN: false, allowInfinity: false }),
  );
