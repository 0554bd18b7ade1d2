import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsOptional, Matches, ValidateNested } from 'class-validator';
import { IsText } from '../../common/index.js';
import { RESULT_STATUSES, RUN_KINDS, type ResultStatus, type RunKind } from '../../executions/index.js';
import type { MetricFilter } from '../domain/query.js';
import { TimeRangeDto, TimeRangeFields } from './time-range.dto.js';

/** Values per list. */
export const MAX_VALUES = 200;

const each = { each: true } as const;

/** A list of a filter: at most 200 values, each of which passes `check`. */
const List = (description: string, check: PropertyDecorator, values?: readonly string[]): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      description,
      isArray: true,
      maxItems: MAX_VALUES,
      ...(values ? { enum: [...values] } : { type: String }),
    }),
    IsOptional(),
    IsArray(),
    ArrayMaxSize(MAX_VALUES),
    check,
  );

const IsProjectKeys = Matches(/^!?[a-z0-9][a-z0-9._-]{0,63}$/, {
  ...each,
  message: 'each value in $property must be the key of a project',
});
const IsTestIds = Matches(/^[0-9a-f]{24}$/, { ...each, message: 'each value in $property must be 24 hex digits' });

class FilterLists {
  @List('Keys of projects; `!key` leaves one out. Such as `demo`.', IsProjectKeys)
  projects?: string[];

  @List('Teams of projects; `!team` leaves one out, `(none)` is no team.', IsText(101, each))
  teams?: string[];

  @List(
    'Suite paths; `*` is any text, so `checkout/*` is a prefix; `!` negates; `(none)` is no suite.',
    IsText(1001, each),
  )
  suites?: string[];

  @List('Ids of tests (GET /tests): 24 hex digits.', IsTestIds)
  tests?: string[];

  @List('Types of tests; `!` negates, `(none)` is no type. Such as `unit` or `e2e`.', IsText(101, each))
  types?: string[];

  @List(
    'Any of these tags; `!tag` leaves out what carries it, `(none)` is no tag at all. Such as `smoke`.',
    IsText(201, each),
  )
  tags?: string[];

  @List('All of these tags at once; `!tag` leaves out what carries it.', IsText(201, each))
  tagsAll?: string[];

  @List(
    'Branches; `*` is any text, `!` negates, `(none)` is no branch. Such as `main` or `release/*`.',
    IsText(501, each),
  )
  branches?: string[];

  @List('Environments; `!` negates, `(none)` is no environment. Such as `staging`.', IsText(201, each))
  environments?: string[];

  @List('Owners of tests; `!` negates, `(none)` is no owner.', IsText(201, each))
  owners?: string[];

  @List('Who triggered the run; `!` negates, `(none)` is nobody known. Such as `ann`.', IsText(201, each))
  users?: string[];

  @List('What started the runs: a CI job, a person, a batch or a schedule.', IsIn(RUN_KINDS, each), RUN_KINDS)
  kinds?: RunKind[];

  @List(
    'Statuses that count. failed: an assertion failed; broken: anything else was thrown.',
    IsIn(RESULT_STATUSES, each),
    RESULT_STATUSES,
  )
  statuses?: ResultStatus[];
}

/** The one filter, in a body. */
export class MetricFilterDto extends FilterLists {
  @ApiPropertyOptional({ description: 'When; the last 30 days where nothing is said.', type: () => TimeRangeDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TimeRangeDto)
  timeRange?: TimeRangeDto;
}

const UNESCAPED_COMMA = /(?<!\\),/;

/** `a=1&a=2` and `a=1,2` are the same list; a comma inside of a value is written `\,`. */
const splitList = (value: unknown): unknown => {
  if (value === undefined || value === null) return value;
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return parts.flatMap((part): unknown[] =>
    typeof part === 'string' ? part.split(UNESCAPED_COMMA).map((text) => text.replaceAll('\\,', ',')) : [part],
  );
};

/** A list in a query string. */
export const FromQuery = (): PropertyDecorator => Transform(({ value }: { value: unknown }) => splitList(value));

const LISTS = [
  'projects',
  'teams',
  'suites',
  'tests',
  'types',
  'tags',
  'tagsAll',
  'branches',
  'environments',
  'owners',
  'users',
  'kinds',
  'statuses',
] as const satisfies readonly (keyof FilterLists)[];

/** The one filter, in a query string: the same names; lists are repeated or comma-separated. */
export class MetricFilterQueryDto extends IntersectionType(FilterLists, TimeRangeFields) {}
for (const name of LISTS) FromQuery()(MetricFilterQueryDto.prototype, name);

/** Lists sorted, without duplicates and without the empty ones, so that equal filters are the same value. */
export const toFilter = (dto: FilterLists = {}): MetricFilter =>
  Object.fromEntries(
    LISTS.flatMap((name) => {
      const list = dto[name];
      return list && list.length > 0 ? [[name, [...new Set(list)].sort()]] : [];
    }),
  );
