import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsISO8601, IsOptional, ValidateBy, ValidateIf } from 'class-validator';

export const CHANNEL_ID = '6650c0ffee6650c0ffee0101';
export const DELIVERY_ID = '6650c0ffee6650c0ffee0102';
export const MESSAGE_ID = '6650c0ffee6650c0ffee0103';

/** Left out is fine, null is not: for fields that cannot be emptied. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

/** A list in a query string: repeated, or with commas. */
export const ListInQuery = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    value === undefined ? undefined : [value].flat().flatMap((one) => (typeof one === 'string' ? one.split(',') : one)),
  );

/** `true` or `false` in a query string; anything else is left for the validator to refuse. */
export const BooleanInQuery = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

export const IsId = (): PropertyDecorator =>
  ValidateBy({
    name: 'isId',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && /^[0-9a-f]{24}$/.test(value),
      defaultMessage: () => 'must be an id of 24 hexadecimal digits',
    },
  });

/** `HH:mm`. */
export const IsTimeOfDay = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTimeOfDay',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value),
      defaultMessage: () => 'must be a time of day between 00:00 and 23:59',
    },
  });

export const InstantInQuery =
  (description: string): PropertyDecorator =>
  (target, key) => {
    ApiPropertyOptional({ description: `${description} this time, such as 2026-06-01T00:00:00Z`, format: 'date-time' })(
      target,
      key,
    );
    IsOptional()(target, key);
    IsISO8601({ strict: true, strictSeparator: true })(target, key);
  };

export const TextOrNull = (description: string, example: string | null): PropertyDecorator =>
  ApiProperty({ description, type: String, nullable: true, example });

export const NumberOrNull = (description: string, example: number | null): PropertyDecorator =>
  ApiProperty({ description, type: Number, nullable: true, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', example: '2026-06-30T12:00:00.000Z' });

export const InstantOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ description, type: String, format: 'date-time', nullable: true, example: null });
