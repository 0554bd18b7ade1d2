import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditService, may, type Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, type Page, type Scope } from '../common/index.js';
import { MetricsService, type TimeRange } from '../metrics/index.js';
import { DeferredScores } from './deferred-scores.service.js';
import { isCurrent, isPending } from './domain/report-body.js';
import type { ReportDefinition, ReportHead, ReportProject, ReportRequest, ReportType } from './domain/report.js';
import { cacheKey, resolveRequest } from './domain/resolve-request.js';
import { type ReportBasis, ReportsRepository, StoredReport } from './persistence/reports.repository.js';
import { ReportBuilderService } from './report-builder.service.js';
import { ReportScoresService } from './report-scores.service.js';
import { ReportSectionsService } from './report-sections.service.js';

export interface GenerateInput extends ReportDefinition {
  readonly name?: string;
  readonly range: TimeRange;
  /** Also where the scores take longer than a client likes to wait; what goes into files wants them. */
  readonly waitForScores?: boolean;
}

export class GeneratedReport extends StoredReport {
  constructor(
    { head, packed }: StoredReport,
    /** Whether it is the stored answer to the same request. */
    readonly cached: boolean,
  ) {
    super(head, packed);
  }
}

/** Reports that nobody generated again are forgotten after this long. */
export const KEPT_DAYS = 90;
const DAY_MS = 86_400_000;

/**
 * All days up to the end of a range: a report compares with the period before, and the rule of outages looks at the runs
 * before that. What comes later it does not depend on.
 */
const upTo = (range: TimeRange): TimeRange => ({ ...range, from: new Date(0) });

const digest = (content: string): string => createHash('sha256').update(content).digest('base64url');

@Injectable()
export class ReportsService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly builder: ReportBuilderService,
    private readonly reports: ReportsRepository,
    private readonly scores: ReportScoresService,
    private readonly sections: ReportSectionsService,
    private readonly deferred: DeferredScores,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * The stored report where the same was asked over the same projects and nothing has changed since; else a new one.
   * @throws DomainError 404 for a project that is not there or not the caller's; 422 `too_many_cells`
   */
  async generate(principal: Principal, input: GenerateInput): Promise<GeneratedReport> {
    const { scope } = principal;
    const request = resolveRequest(input, input.range);
    const wait = input.waitForScores === true || request.type === 'quality_metrics';
    const {
      projects: found,
      version,
      content,
    } = await this.metrics.resolveContent(scope, request.filter, upTo(request.range));
    const projects = found.map(({ id, key, team }) => ({ id, key, team: team ?? '' }));
    const definitions = await Promise.all([
      this.scores.definitionKey(scope, found),
      this.sections.versionOf(scope, request),
    ]);
    const key = cacheKey(scope.organization, request, projects, definitions.join());
    const basis = { key, asOf: version.position, content: digest(content) };
    const cached = await this.reports.findCached(scope, basis, this.clock.now());
    if (cached) return new GeneratedReport(await this.completed(scope, cached, wait), true);
    return new GeneratedReport(await this.make(principal, request, projects, basis, wait), false);
  }

  private async make(
    principal: Principal,
    request: ReportRequest,
    projects: readonly ReportProject[],
    { key, content }: ReportBasis,
    wait: boolean,
  ): Promise<StoredReport> {
    const { scope } = principal;
    const now = this.clock.now();
    const reportId = this.reports.newId();
    const { body, answer } = await this.builder.build(scope, reportId, request, projects, wait);
    const head: ReportHead = {
      reportId,
      organization: scope.organization,
      type: request.type,
      ...(request.name === undefined ? {} : { name: request.name }),
      request,
      projects,
      asOf: answer.asOf,
      pins: answer.pins,
      ...(answer.newestCommitAt ? { newestCommitAt: answer.newestCommitAt } : {}),
      plan: answer.plan,
      createdBy: principal.subject,
      generatedAt: now,
      expiresAt: new Date(now.getTime() + KEPT_DAYS * DAY_MS),
      revision: 0,
      isPending: isPending(body),
    };
    const stored = await this.reports.insert(head, isCurrent(body, head.asOf) ? { key, content } : { key }, body);
    if (head.isPending) this.deferred.wake();
    return stored;
  }

  /** A report whose scores were pending: filled in now for who waits, soon for who does not. */
  private async completed(scope: Scope, report: StoredReport, wait: boolean): Promise<StoredReport> {
    const { head } = report;
    if (!head.isPending) return report;
    if (wait) {
      await this.reports.complete(head, await this.scores.compute(scope, head.request));
      return this.find(scope, head.reportId);
    }
    await this.deferred.want(head);
    return report;
  }

  /** @throws DomainError 404: not there, or it counts a project that the caller may not see */
  async find(scope: Scope, reportId: string): Promise<StoredReport> {
    return this.withBody(scope, await this.findHead(scope, reportId));
  }

  /** What a report is, without its figures. @throws DomainError 404 */
  async findHead(scope: Scope, reportId: string): Promise<ReportHead> {
    const head = await this.reports.findHead(scope, reportId);
    if (!head) throw notFound('Report');
    return head;
  }

  /** The figures of a report whose head was found. @throws DomainError 404 when it was deleted meanwhile */
  async withBody(scope: Scope, head: ReportHead): Promise<StoredReport> {
    const report = await this.reports.withBody(head);
    if (!report) throw notFound('Report');
    return this.completed(scope, report, false);
  }

  list(
    scope: Scope,
    types: readonly ReportType[] | undefined,
    limit: number,
    cursor?: string,
  ): Promise<Page<ReportHead>> {
    return this.reports.list(scope, {
      ...(types && types.length > 0 ? { types } : {}),
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
  }

  /** One's own report; anybody's with `reports:write`. @throws DomainError 403 `not_your_report`; 404 */
  async remove(principal: Principal, reportId: string): Promise<void> {
    const head = await this.findHead(principal.scope, reportId);
    if (head.createdBy !== principal.subject && !may(principal, 'reports:write'))
      throw new DomainError(
        'forbidden',
        'not_your_report',
        'It is the report of somebody else, and your role may not delete it',
      );
    await this.reports.remove(principal.scope, reportId);
    await this.audit.record(principal, 'report.deleted', { type: 'report', id: reportId }, { type: head.type });
  }

  /** How old the newest data of a report is, in whole seconds; null where there is none. */
  freshnessOf({ newestCommitAt }: ReportHead): number | null {
    if (!newestCommitAt) return null;
    return Math.max(0, Math.round((this.clock.now().getTime() - newestCommitAt.getTime()) / 1000));
  }
}
