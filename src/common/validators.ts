import { IANAZone } from 'luxon';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy, type ValidationOptions } from 'class-validator';

/** Slugs: keys of projects and other names that stand in URLs and filters. */
export const SLUG = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** A lone surrogate cannot be stored as UTF-8; NUL breaks BSON keys and C strings. */
const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Surrogate}/u.test(text);

export interface TextOptions extends ValidationOptions {
  /** Fewest characters; 1 unless told otherwise. */
  readonly min?: number;
}

export const isText = (value: unknown, max: number, min = 1): value is string =>
  typeof value === 'string' &&
  value.length <= max &&
  value.length >= min &&
  value.trim().length >= min &&
  isStorable(value);

/** A string of `min` (1) to `max` characters that is not blank, without NUL and lone surrogates; the documents say so, too. */
export const IsText = (max: number, options: TextOptions = {}): PropertyDecorator => {
  const min = options.min ?? 1;
  const validate = ValidateBy(
    {
      name: 'isText',
      validator: {
        validate: (value: unknown) => isText(value, max, min),
        defaultMessage: () => `must be a text of ${min} to ${max} characters, not blank and without NUL`,
      },
    },
    options,
  );
  return options.each === true ? validate : applyDecorators(validate, ApiProperty({ minLength: min, maxLength: max }));
};

/** Zones that were found valid: asking Intl takes half a millisecond. There are a few hundred. */
const validZones = new Set<string>();

const isKnownZone = (name: string): boolean => {
  if (validZones.has(name)) return true;
  const isValid = IANAZone.isValidZone(name);
  // names are not case-sensitive, so there are more spellings than zones
  if (isValid && validZones.size < 1000) validZones.add(name);
  return isValid;
};

/** `UTC`, or a zone of the IANA database such as `Europe/Berlin`; no bare offsets, which know no DST. */
export const isTimeZone = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 64 && /^[A-Za-z]/.test(value) && isKnownZone(value);

export const IsTimeZone = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isTimeZone',
      validator: {
        validate: isTimeZone,
        defaultMessage: () => 'must be an IANA time zone such as Europe/Berlin or UTC',
      },
    },
    options,
  );

export const isSlug = (value: unknown): value is string => typeof value === 'string' && SLUG.test(value);

/** 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter or digit. */
export const IsSlug = (options?: ValidationOptions): PropertyDecorator => {
  const validate = ValidateBy(
    {
      name: 'isSlug',
      validator: {
        validate: isSlug,
        defaultMessage: () =>
          'must be 1 to 64 characters of a-z, 0-9, ".", "_" and "-", beginning with a letter or digit',
      },
    },
    options,
  );
  return options?.each === true ? validate : applyDecorators(validate, ApiProperty({ pattern: SLUG.source }));
};
