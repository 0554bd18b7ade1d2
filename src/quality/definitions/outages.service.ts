import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../../auth/index.js';
import { Clock, notFound, type Page, type Scope } from '../../common/index.js';
import { RunsRepository } from '../../executions/index.js';
import { MetricsService, type MetricFilter, type TimeRange } from '../../metrics/index.js';
import type { Assessment, FoundOutage } from '../assessments/assessment.js';
import { AssessmentsService } from '../assessments/assessments.service.js';
import type { ScannedRun } from '../assessments/outcome-collector.js';
import { pageOf } from '../keyset-page.js';
import type { OutageDecision } from './definition.js';
import { DefinitionsService } from './definitions.service.js';
import { OutageDecisionsRepository } from './outage-decisions.repository.js';

/** A run that the rule calls an outage, that a person left out, or both. */
export interface OutageEntry {
  readonly run: ScannedRun;
  /** Absent where only a person said so. */
  readonly found?: FoundOutage;
  readonly decision?: OutageDecision;
  readonly excluded: boolean;
}

@Injectable()
export class OutagesService {
  constructor(
    private readonly assessments: AssessmentsService,
    private readonly definitions: DefinitionsService,
    private readonly decisions: OutageDecisionsRepository,
    private readonly metrics: MetricsService,
    private readonly runs: RunsRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Newest first: what the rule found and what people decided, put back or not. */
  async list(
    scope: Scope,
    filter: MetricFilter,
    range: TimeRange,
    limit: number,
    cursor?: string,
  ): Promise<{ readonly asOf: number; readonly page: Page<OutageEntry> & { readonly total: number } }> {
    const assessment = await this.assessments.assess(scope, { filter, range });
    const projects = await this.metrics.projectsOf(scope, filter);
    const { decisions } = await this.definitions.of(
      scope,
      projects.map((project) => project.id),
    );
    const entries = entriesOf(assessment, decisions);
    const page = pageOf(entries, ({ run }) => [-run.startedAt, run.runId], limit, cursor);
    return { asOf: assessment.asOf, page };
  }

  /**
   * Leaves a run out of flakiness, or puts one back.
   * @throws DomainError 404 for a run that is not there, or not the caller's
   */
  async decide(principal: Principal, runId: string, excluded: boolean, reason: string): Promise<OutageDecision> {
    const run = await this.runs.find(principal.scope, runId);
    if (run?.state !== 'live' && run?.state !== 'expired') throw notFound('Run');
    const { projectId, projectKey } = run;
    const decision: OutageDecision = {
      ...{ runId, projectId, projectKey, excluded, reason },
      by: principal.subject,
      at: this.clock.now(),
    };
    await this.decisions.put(principal.scope, decision);
    await this.definitions.changed(principal.organization, projectId);
    const action = excluded ? 'run.excluded_as_outage' : 'run.put_back';
    await this.audit.record(principal, action, { type: 'run', id: runId, projectKey }, { excluded, reason });
    return decision;
  }
}

const entriesOf = (assessment: Assessment, decisions: readonly OutageDecision[]): OutageEntry[] => {
  const found = new Map(assessment.outages.map((outage) => [outage.runId, outage]));
  const decided = new Map(decisions.map((decision) => [decision.runId, decision]));
  return assessment.runs
    .filter(({ runId }) => found.has(runId) || decided.has(runId))
    .map((run) => ({
      run,
      found: found.get(run.runId),
      decision: decided.get(run.runId),
      excluded: assessment.excludedRuns.has(run.runId),
    }));
};
