import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { invalid } from '../../common/index.js';
import {
  CALENDAR_INTERVALS,
  type CalendarInterval,
  FromQuery,
  MetricFilterQueryDto,
  toFilter,
  toRange,
} from '../../metrics/index.js';
import type { Cycle } from '../domain/seasonality.js';
import { FORECAST_RULES } from '../domain/forecast.js';
import { DEFAULT_METRIC, MAX_CYCLES, MAX_METRICS, type TrendsRequest } from '../trend-request.js';

const MAX_LAG = 1000;
const METRIC_ID = /^[\p{L}\p{N}_.\-/ ]{1,104}$/u;
const CYCLE = /^(?:([^:,]{1,50}):)?(\d{1,4})$/;

const numberIn = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

export class TrendsQueryDto extends MetricFilterQueryDto {
  @ApiPropertyOptional({
    description:
      `Ids of metrics of /metrics-catalogue, \`run.<name>\` included; repeated or comma-separated, at most ${MAX_METRICS}. ` +
      'With several, the correlation of each pair is given.',
    type: [String],
    maxItems: MAX_METRICS,
    default: [DEFAULT_METRIC],
    example: ['pass_rate', 'duration_p95'],
  })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_METRICS)
  @Matches(METRIC_ID, { each: true, message: 'each value in $property must be the id of a metric' })
  metric?: string[];

  @ApiPropertyOptional({
    description: 'The step of the series, in local time of `timeZone`; weeks begin on Monday.',
    enum: CALENDAR_INTERVALS,
    default: 'day',
    example: 'day',
  })
  @IsOptional()
  @IsIn(CALENDAR_INTERVALS)
  period?: CalendarInterval;

  @ApiPropertyOptional({
    description: 'Periods to forecast; without it there is no forecast.',
    minimum: 1,
    maximum: FORECAST_RULES.maximumHorizon,
    example: 14,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => numberIn(value))
  @IsInt()
  @Min(1)
  @Max(FORECAST_RULES.maximumHorizon)
  forecast?: number;

  @ApiPropertyOptional({
    description:
      'A cycle of your own to test besides the known ones (hour of day, day of week, week of year), in periods: `14`, or with a ' +
      `name \`sprint:14\`. 2 to ${MAX_LAG} periods; repeated or comma-separated, at most ${MAX_CYCLES}.`,
    type: [String],
    maxItems: MAX_CYCLES,
    example: ['sprint:14'],
  })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_CYCLES)
  @Matches(CYCLE, { each: true, message: 'each value in $property must be a number of periods, or name:number' })
  cycle?: string[];
}

const cycleOf = (text: string): Cycle => {
  const [, name, digits = ''] = CYCLE.exec(text) ?? [];
  const lag = Number(digits);
  if (lag < 2 || lag > MAX_LAG)
    throw invalid('validation_failed', 'Some fields are not valid', [
      { pointer: '/cycle', detail: `a cycle has 2 to ${MAX_LAG} periods` },
    ]);
  return { name: name ?? `every ${lag} periods`, lag };
};

/** @throws DomainError 422 `invalid_time_range`, `validation_failed` */
export const toTrendsRequest = (query: TrendsQueryDto, now: Date): TrendsRequest => ({
  filter: toFilter(query),
  range: toRange(query, now),
  period: query.period ?? 'day',
  metrics: query.metric && query.metric.length > 0 ? query.metric : [DEFAULT_METRIC],
  ...(typeof query.forecast === 'number' && { horizon: query.forecast }),
  cycles: (query.cycle ?? []).map(cycleOf),
});
