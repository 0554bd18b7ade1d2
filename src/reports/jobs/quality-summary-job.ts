import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsOptional, ValidateNested } from 'class-validator';
import type { Principal } from '../../auth/index.js';
import { Clock, readDto } from '../../common/index.js';
import { MetricFilterDto, MetricsService, toFilter } from '../../metrics/index.js';
import { type QualityAnswer, QualityService } from '../../quality/index.js';
import {
  type JobContext,
  type JobOptions,
  type JobOutcome,
  type ScheduledJob,
  ScheduledJobs,
} from '../../schedules/index.js';
import { figure, queryOf } from './job-words.js';
import { JobWindowDto, windowRange } from './job-window.js';

/** Options of a scheduled summary of quality. */
export class ScheduledQualityOptionsDto extends JobWindowDto {
  @ApiPropertyOptional({ description: 'What counts, and when', type: MetricFilterDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;
}

/** `quality_summary`: score, flakiness, recovery and the gravest risk. */
@Injectable()
export class QualitySummaryJob implements ScheduledJob, OnModuleInit {
  readonly title = 'A summary of quality';
  readonly description =
    'Score, pass rate, flakiness, stability and time to recovery as in GET /quality-metrics, with the gravest risk: `filter`, over `window` or the time range of the filter.';
  readonly example = { window: 'previous_week', filter: {} };
  readonly permission = 'quality:read';

  constructor(
    private readonly jobs: ScheduledJobs,
    private readonly quality: QualityService,
    private readonly metrics: MetricsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.register('quality_summary', this);
  }

  async validate({ scope }: Principal, options: JobOptions): Promise<JobOptions> {
    const dto = await readDto(ScheduledQualityOptionsDto, options);
    windowRange(dto.window, dto.filter?.timeRange, this.clock.now(), 'UTC', '/filter/timeRange');
    await this.metrics.projectsOf(scope, toFilter(dto.filter));
    return JSON.parse(JSON.stringify(dto)) as JobOptions;
  }

  preview(context: JobContext): Promise<JobOutcome> {
    return this.run(context);
  }

  async run({ principal, options, plannedAt, timeZone }: JobContext): Promise<JobOutcome> {
    const dto = await readDto(ScheduledQualityOptionsDto, options);
    const filter = toFilter(dto.filter);
    const range = windowRange(dto.window, dto.filter?.timeRange, plannedAt, timeZone, '/filter/timeRange');
    const answer = await this.quality.metricsOf(principal.scope, 'organization', filter, range);
    const href = `/api/v1/execution-reporting/quality-metrics?${queryOf(filter, range)}`;
    const links = [{ title: 'Quality figures', href }];
    return { summary: summaryOf(answer), figures: figuresOf(answer), links };
  }
}

const shareOf = ({ numerator, denominator }: QualityAnswer['figures']['passRate']): number | null =>
  denominator > 0 ? numerator / denominator : null;

const changeOf = (now: number | null, before: number | null): number | null =>
  now === null || before === null ? null : now - before;

const summaryOf = ({ figures, violations, risks }: QualityAnswer): string => {
  const { score } = figures;
  if (score.value === null) return 'Too little data for a score of quality';
  const broken = violations.length === 0 ? '' : `, ${violations.length} of the limits broken`;
  const [risk] = risks;
  return `Quality score ${score.value.toFixed(1)} of 100 (${score.band ?? 'no band'})${broken}${risk ? `. ${risk.message}` : ''}`;
};

const figuresOf = ({ figures: now, previous: before }: QualityAnswer): NonNullable<JobOutcome['figures']> => {
  const rate = shareOf(now.passRate);
  const hours = now.recovery.meanHours;
  return [
    figure('Quality score', now.score.value, 'score', changeOf(now.score.value, before.score.value)),
    figure('Pass rate', rate, 'ratio', changeOf(rate, shareOf(before.passRate))),
    figure('Flakiness', now.flakiness.value, 'ratio', changeOf(now.flakiness.value, before.flakiness.value)),
    figure('Stability', now.stability.value, 'ratio', changeOf(now.stability.value, before.stability.value)),
    figure('Time to recovery', hours, 'hours', changeOf(hours, before.recovery.meanHours)),
    figure('Confirmed flaky tests', now.labels.confirmed, 'count', now.labels.confirmed - before.labels.confirmed),
    figure('Failing tests', now.labels.failing, 'count', now.labels.failing - before.labels.failing),
  ];
};
