import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateIf } from 'class-validator';

/** Left out is fine, null is not: for fields that cannot be emptied. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** A number in a query string; anything else than digits stays as it is, for the validator to refuse. */
export const NumberInQuery = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
  );

export const TextOrNull = (description: string, example: string | null): PropertyDecorator =>
  ApiProperty({ description, type: String, nullable: true, example });

export const NumberOrNull = (description: string, example: number | null): PropertyDecorator =>
  ApiProperty({ description, type: Number, nullable: true, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', example: '2026-06-30T12:00:00.000Z' });

export const InstantOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', nullable: true, example: null });

export const RUN_ID = '6650c0ffee6650c0ffee0001';
export const BASE_RUN_ID = '6650c0ffee6650c0ffee0002';
export const TEST_ID = '1f0c5a7be2d94c3f8a6b7d21';
export const GATE_ID = '6650c0ffee6650c0ffee0003';
export const QUARANTINE_ID = '6650c0ffee6650c0ffee0004';
export const RESULT_HREF = '/api/v1/execution-reporting/results/6650c0ffa1b2c3d4e5f60718293a4b5c';
