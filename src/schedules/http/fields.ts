import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';

/** Left out is fine, null is not: for fields that cannot be emptied. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

export const Text = (description: string, example: string): PropertyDecorator => ApiProperty({ description, example });

export const TextOrNull = (description: string, example: string | null): PropertyDecorator =>
  ApiProperty({ description, type: String, nullable: true, example });

export const NumberOrNull = (description: string, example: number | null): PropertyDecorator =>
  ApiProperty({ description, type: Number, nullable: true, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', example: '2026-06-29T04:30:00.000Z' });

export const InstantOrNull = (description: string, example: string | null = null): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', nullable: true, example });

export const SCHEDULE_ID = '6650c0ffee6650c0ffee0011';
export const SCHEDULE_RUN_ID = '6650c0ffee6650c0ffee0012';
export const CHANNEL_ID = '6650c0ffee6650c0ffee0013';
