import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import { Clock, invalid, readDto } from '../../common/index.js';
import { MetricsService } from '../../metrics/index.js';
import {
  type JobContext,
  type JobOptions,
  type JobOutcome,
  type ScheduledJob,
  ScheduledJobs,
} from '../../schedules/index.js';
import { drillHref, reportHref } from '../domain/links.js';
import type { TemplateRequest } from '../domain/template.js';
import { toTemplateRequest } from '../http/report-request.dto.js';
import { ReportTemplatesService } from '../report-templates.service.js';
import { type GenerateInput, type GeneratedReport, ReportsService } from '../reports.service.js';
import { figure } from './job-words.js';
import { windowRange } from './job-window.js';
import { ScheduledReportOptionsDto } from './report-job.dto.js';

interface Wanted {
  readonly name?: string;
  readonly request: TemplateRequest;
}

/** `report`: generates a report and tells its key figures. */
@Injectable()
export class ReportJob implements ScheduledJob, OnModuleInit {
  readonly title = 'A report';
  readonly description =
    'A stored template (`templateId`) or a definition as in POST /reports/generate (`request`), over `window` or the time range of its filter. The message has the key figures and the link; for a file see the kind `export`.';
  readonly example = { window: 'previous_week', request: { type: 'summary', comparePrevious: true } };
  readonly permission = 'reports:read';

  constructor(
    private readonly jobs: ScheduledJobs,
    private readonly reports: ReportsService,
    private readonly templates: ReportTemplatesService,
    private readonly metrics: MetricsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.register('report', this);
  }

  async validate(principal: Principal, options: JobOptions): Promise<JobOptions> {
    const dto = await readDto(ScheduledReportOptionsDto, options);
    const { request } = await this.wantedBy(principal, dto);
    windowRange(dto.window, request.timeRange, this.clock.now(), 'UTC', '/request/filter/timeRange');
    await this.metrics.projectsOf(principal.scope, request.filter);
    return JSON.parse(JSON.stringify(dto)) as JobOptions;
  }

  preview(context: JobContext): Promise<JobOutcome> {
    // a report is stored under what was asked: the run that comes finds this one, and nothing is sent
    return this.run(context);
  }

  async run({ principal, options, plannedAt, timeZone, schedule }: JobContext): Promise<JobOutcome> {
    const dto = await readDto(ScheduledReportOptionsDto, options);
    const { name, request } = await this.wantedBy(principal, dto);
    const { timeRange, ...definition } = request;
    const range = windowRange(dto.window, timeRange, plannedAt, timeZone, '/request/filter/timeRange');
    // what goes out by mail is not looked at a second time: its scores are waited for
    const input: GenerateInput = { ...definition, name: name ?? schedule.name, range, waitForScores: true };
    return toOutcome(await this.reports.generate(principal, input));
  }

  private async wantedBy({ scope }: Principal, { templateId, request }: ScheduledReportOptionsDto): Promise<Wanted> {
    if ((templateId === undefined) === (request === undefined))
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/request', detail: 'give either request or templateId' },
      ]);
    if (request) return { request: toTemplateRequest(request.type, request) };
    const template = await this.templates.find(scope, templateId ?? '');
    return { name: template.name, request: template.request };
  }
}

const toOutcome = ({ head, body }: GeneratedReport): JobOutcome => {
  const { totals, previous } = body;
  const { executions, passRate, durationMs } = totals;
  const failures = totals.failed + totals.broken + totals.timeout;
  const change = previous?.change;
  const rate = figure('Pass rate', passRate.value, 'ratio', change?.passRate.value);
  return {
    summary:
      executions === 0
        ? 'No test was executed in this time'
        : `${executions.toLocaleString('en-US')} executions, ${failures.toLocaleString('en-US')} of them failures; pass rate ${rate.value}`,
    figures: [
      figure('Executions', executions, 'count', change?.executions),
      rate,
      figure('Failures', failures, 'count', change?.failures),
      figure('Flaky', totals.flaky, 'count', change?.flaky),
      figure('Duration, 95th percentile', durationMs.p95, 'ms', change?.durationMs.p95),
    ],
    links: [
      { title: 'The report', href: reportHref(head.reportId) },
      { title: 'Drill down', href: drillHref(head.reportId, { period: 'current' }) },
    ],
  };
};
