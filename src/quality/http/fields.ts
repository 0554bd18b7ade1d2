import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiProperty, ApiResponse } from '@nestjs/swagger';

/** A number of an answer; null where there is too little data. */
export const NumberOrNull = (description: string, example: number): PropertyDecorator =>
  ApiProperty({
    description: `${description}; null where there is too little data`,
    type: Number,
    nullable: true,
    example,
  });

/** A text of an answer; null where there is none. */
export const TextOrNull = (description: string, example: string): PropertyDecorator =>
  ApiProperty({ description, type: String, nullable: true, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, format: 'date-time', type: String, example: '2026-06-30T12:00:00.000Z' });

export const InstantOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ description, format: 'date-time', type: String, nullable: true, example: '2026-06-30T12:00:00.000Z' });

export const RUN_ID = '6650c0ffee6650c0ffee0001';
export const TEST_ID = '6650c0ffee6650c0ffee0002';

export const RunIds = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: [String], example: [RUN_ID] });

/** Documents a conditional GET. */
export const ApiConditional = (type: new () => object, description: string): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the answer before' }),
    ApiOkResponse({
      type,
      description,
      headers: { ETag: { description: 'Version of the answer, weak', schema: { type: 'string' } } },
    }),
    ApiResponse({ status: 304, description: 'It is the one that If-None-Match names' }),
  );
