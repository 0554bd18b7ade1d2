import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Principal } from '../../auth/index.js';
import { Clock, readDto } from '../../common/index.js';
import { CALENDAR_INTERVALS, type CalendarInterval, MetricFilterDto, toFilter } from '../../metrics/index.js';
import {
  type JobContext,
  type JobOptions,
  type JobOutcome,
  type ScheduledJob,
  ScheduledJobs,
} from '../../schedules/index.js';
import { type AnalysedSeries, formatOf, type TrendsRequest, TrendsService } from '../../trends/index.js';
import { JobWindowDto, windowRange } from './job-window.js';
import { queryOf } from './job-words.js';

const MAX_METRICS = 10;
const MAX_HORIZON = 90;

/** Options of a scheduled trend. */
export class ScheduledTrendOptionsDto extends JobWindowDto {
  @ApiPropertyOptional({
    description: 'Ids of metrics of /metrics-catalogue',
    type: [String],
    maxItems: MAX_METRICS,
    default: ['pass_rate'],
    example: ['pass_rate', 'duration_p95'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_METRICS)
  @ArrayUnique()
  @Matches(/^[\p{L}\p{N}_.\-/ ]{1,104}$/u, { each: true })
  metrics?: string[];

  @ApiPropertyOptional({
    description: 'The step of the series',
    enum: CALENDAR_INTERVALS,
    default: 'day',
    example: 'day',
  })
  @IsOptional()
  @IsIn(CALENDAR_INTERVALS)
  interval?: CalendarInterval;

  @ApiPropertyOptional({ description: 'Steps to forecast', minimum: 1, maximum: MAX_HORIZON, example: 14 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MAX_HORIZON)
  forecast?: number;

  @ApiPropertyOptional({ description: 'What counts, and when', type: MetricFilterDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;
}

/** `trend`: asks where metrics are going and tells it in words. */
@Injectable()
export class TrendJob implements ScheduledJob, OnModuleInit {
  readonly title = 'Trends of metrics';
  readonly description =
    'Where metrics are going, as in GET /trends: `metrics`, `interval`, `filter`, `forecast`, over `window` or the time range of the filter.';
  readonly example = { metrics: ['pass_rate'], interval: 'day', filter: { timeRange: { lastDays: 60 } } };
  readonly permission = 'trends:read';

  constructor(
    private readonly jobs: ScheduledJobs,
    private readonly trends: TrendsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.register('trend', this);
  }

  async validate({ scope }: Principal, options: JobOptions): Promise<JobOptions> {
    const dto = await readDto(ScheduledTrendOptionsDto, options);
    await this.trends.versionOf(scope, requestOf(dto, this.clock.now(), 'UTC'));
    return JSON.parse(JSON.stringify(dto)) as JobOptions;
  }

  preview(context: JobContext): Promise<JobOutcome> {
    return this.run(context);
  }

  async run({ principal, options, plannedAt, timeZone }: JobContext): Promise<JobOutcome> {
    const request = requestOf(await readDto(ScheduledTrendOptionsDto, options), plannedAt, timeZone);
    const { series } = await this.trends.trends(principal.scope, request);
    const { filter, range, period, metrics, horizon } = request;
    const query = queryOf(filter, range, { metric: metrics, period, forecast: horizon });
    return {
      summary: series.map(inWords).join('. '),
      figures: series.map(figureOf),
      links: [{ title: 'The trends', href: `/api/v1/execution-reporting/trends?${query}` }],
    };
  }
}

const requestOf = (dto: ScheduledTrendOptionsDto, plannedAt: Date, timeZone: string): TrendsRequest => ({
  filter: toFilter(dto.filter),
  range: windowRange(dto.window, dto.filter?.timeRange, plannedAt, timeZone, '/filter/timeRange'),
  period: dto.interval ?? 'day',
  metrics: dto.metrics ?? ['pass_rate'],
  ...(dto.forecast !== undefined && { horizon: dto.forecast }),
  cycles: [],
});

const DIRECTIONS = {
  improving: 'is getting better',
  degrading: 'is getting worse',
  stable: 'is stable',
  volatile: 'goes up and down',
  insufficient_data: 'has too little data for a trend',
} as const;

const inWords = ({ metric, analysis }: AnalysedSeries): string => {
  const [pattern] = analysis.patterns;
  return `${metric.title} ${DIRECTIONS[analysis.trend.direction]}${pattern ? ` (${pattern.text.toLowerCase()})` : ''}`;
};

const figureOf = ({ metric, points, analysis }: AnalysedSeries): { label: string; value: string } => {
  const last = points.findLast(({ value, partial }) => value !== null && !partial);
  const newest = typeof last?.value !== 'number' ? 'no data' : formatOf(metric.unit)(last.value);
  return { label: metric.title, value: `${newest}, ${analysis.trend.direction.replaceAll('_', ' ')}` };
};
