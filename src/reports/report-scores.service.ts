import { Injectable } from '@nestjs/common';
import { DomainError, type Scope } from '../common/index.js';
import { countsOf, MetricsService, type CellAggregate, type MetricFilter, type TimeRange } from '../metrics/index.js';
import type { Project } from '../projects/index.js';
import { QualityService } from '../quality/index.js';
import type { ReportRequest } from './domain/report.js';
import { pendingScores, scoresOf, scoreWindow, tooBroadScores, type ReportScores } from './domain/scores.js';

/** Attempts whose histories are judged while the client waits: about 30 ms. */
const JUDGED_AT_ONCE = 80_000;
/** With more than that, figures of this age are shown, with their own `asOf`, while data goes on coming in. */
const MAX_AGE_MS = 60_000;

/** Flakiness index and quality score beside a report's totals. They come out of the histories of tests, not out of rollups. */
@Injectable()
export class ReportScoresService {
  /** For tests, which have no data of that size. */
  judgedAtOnce = JUDGED_AT_ONCE;

  constructor(
    private readonly quality: QualityService,
    private readonly metrics: MetricsService,
  ) {}

  /** What can be said without letting the client wait; `pending` where that is nothing yet. */
  async atOnce(scope: Scope, request: ReportRequest, totals: CellAggregate): Promise<ReportScores> {
    const window = scoreWindow(request.type, request.range);
    const recent = await this.quality.recentSummary(scope, request.filter, window, MAX_AGE_MS);
    if (recent?.isCurrent) return scoresOf(recent, window);
    if (await this.isSmall(scope, request, window, totals)) return this.compute(scope, request);
    return recent ? scoresOf(recent, window) : pendingScores(window);
  }

  async compute(scope: Scope, { type, filter, range }: ReportRequest): Promise<ReportScores> {
    const window = scoreWindow(type, range);
    try {
      return scoresOf(await this.quality.summary(scope, filter, window), window);
    } catch (error) {
      // the counts of such a report are no trouble: it must not wait for scores for ever, nor be refused for them
      if (error instanceof DomainError && error.code === 'query_too_broad') return tooBroadScores(window);
      throw error;
    }
  }

  /** What the scores depend on besides the position in the log. */
  definitionKey(scope: Scope, projects: readonly Project[]): Promise<string> {
    return this.quality.definitionKey(scope, projects);
  }

  /** An outage is a matter of whole runs, so all attempts of the projects are read, whatever else is filtered. */
  private async isSmall(
    scope: Scope,
    { filter, range }: ReportRequest,
    window: TimeRange,
    totals: CellAggregate,
  ): Promise<boolean> {
    if (window === range && countsOf(totals).executions > this.judgedAtOnce) return false;
    const { totals: all } = await this.metrics.query(scope, {
      filter: projectsIn(filter),
      range: window,
      attempts: 'all',
    });
    return countsOf(all).executions <= this.judgedAtOnce;
  }
}

const projectsIn = ({ projects, teams }: MetricFilter): MetricFilter => ({
  ...(projects && { projects }),
  ...(teams && { teams }),
});
