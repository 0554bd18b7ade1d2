import { applyDecorators } from '@nestjs/common';
import { ApiParam, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';
import { isText } from '../../common/index.js';
import { parseDuration } from '../domain/durations.js';
import { OWN_LABELS } from '../domain/labels.js';
import { GROUP_DIMENSIONS } from '../domain/rule.js';

/** Left out is fine, null is not: for fields that cannot be emptied. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

export const TextOrNull = (description: string, example: string | null): PropertyDecorator =>
  ApiProperty({ description, type: String, nullable: true, example });

export const NumberOrNull = (description: string, example: number | null): PropertyDecorator =>
  ApiProperty({ description, type: Number, nullable: true, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', example: '2026-06-30T12:00:00.000Z' });

export const InstantOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', nullable: true, example: null });

export interface DurationBounds {
  readonly min: string;
  readonly max: string;
}

/** `30s`, `5m`, `4h`, `7d`, within bounds. */
export const IsDuration = ({ min, max }: DurationBounds): PropertyDecorator =>
  ValidateBy({
    name: 'isDuration',
    validator: {
      validate: (value: unknown) => {
        const ms = typeof value === 'string' ? parseDuration(value) : undefined;
        return ms !== undefined && ms >= parseDuration(min)! && ms <= parseDuration(max)!;
      },
      defaultMessage: () => `must be a duration such as 30s, 5m, 4h or 7d, from ${min} to ${max}`,
    },
  });

/** An optional duration in a body. */
export const OptionalDuration = (
  description: string,
  bounds: DurationBounds,
  fallback: string | undefined,
  example = fallback ?? bounds.min,
): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      description: `${description}. ${bounds.min} to ${bounds.max}.`,
      type: String,
      pattern: '^\\d{1,6}[smhd]$',
      example,
      ...(fallback !== undefined && { default: fallback }),
    }),
    IfGiven(),
    IsDuration(bounds),
  );

const LABEL = /^[A-Za-z_][\w.-]{0,63}$/;
const RESERVED: ReadonlySet<string> = new Set([...OWN_LABELS, ...GROUP_DIMENSIONS]);
export const MAX_LABELS = 20;

export const isLabelName = (value: unknown): value is string => typeof value === 'string' && LABEL.test(value);

const areLabels = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_LABELS &&
    entries.every(([name, text]) => isLabelName(name) && !RESERVED.has(name) && isText(text, 200))
  );
};

export const IsLabels = (): PropertyDecorator =>
  ValidateBy({
    name: 'isLabels',
    validator: {
      validate: areLabels,
      defaultMessage: () =>
        `must be at most ${MAX_LABELS} labels with texts of at most 200 characters; ${[...RESERVED].join(', ')} are set by the service`,
    },
  });

export const IsLabelNames = (): PropertyDecorator =>
  ValidateBy({
    name: 'isLabelNames',
    validator: {
      validate: (value: unknown) => Array.isArray(value) && value.length <= MAX_LABELS && value.every(isLabelName),
      defaultMessage: () => `must be at most ${MAX_LABELS} names of labels`,
    },
  });

export const RULE_ID = '6650c0ffee6650c0ffee0005';
export const ALERT_ID = '6650c0ffee6650c0ffee0006';
export const CHANNEL_ID = '6650c0ffee6650c0ffee0007';
export const POLICY_ID = '6650c0ffee6650c0ffee0008';
export const SILENCE_ID = '6650c0ffee6650c0ffee0009';
export const INHIBITION_ID = '6650c0ffee6650c0ffee000a';

export const RuleIdParam = (): MethodDecorator =>
  ApiParam({ name: 'ruleId', description: 'Id of the rule', example: RULE_ID });

export const AlertIdParam = (): MethodDecorator =>
  ApiParam({ name: 'alertId', description: 'Id of the alert', example: ALERT_ID });
