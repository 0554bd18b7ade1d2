import { Injectable } from '@nestjs/common';
import { DomainError, type Scope } from '../common/index.js';
import { QualityService, toQualityMetrics } from '../quality/index.js';
import { toTrends, TrendsService, type TrendsRequest } from '../trends/index.js';
import type { OmittedPart, ReportBody } from './domain/report-body.js';
import type { ReportRequest } from './domain/report.js';

type Sections = Pick<ReportBody, 'trends' | 'quality' | 'omitted'>;

/** What a report of trends follows over its buckets. */
const TREND_METRICS = ['pass_rate', 'flaky_rate', 'duration_p95'] as const;
const HORIZON = 14;

/** What reports of type trend_analysis and quality_metrics hold besides counts. Each part stands for its own `asOf`. */
@Injectable()
export class ReportSectionsService {
  constructor(
    private readonly trends: TrendsService,
    private readonly quality: QualityService,
  ) {}

  async build(scope: Scope, request: ReportRequest): Promise<Sections> {
    switch (request.type) {
      case 'trend_analysis':
        return this.trendsOf(scope, request);
      case 'quality_metrics': {
        const answer = await this.quality.metricsOf(scope, 'project', request.filter, request.range, false);
        return { quality: toQualityMetrics(answer) };
      }
      default:
        return {};
    }
  }

  /** What the sections depend on besides the log and the definitions: labels; which periods of a trend are over. */
  async versionOf(scope: Scope, request: ReportRequest): Promise<string> {
    if (request.type === 'quality_metrics') return this.quality.labelsKey(scope, request.filter, request.range);
    if (request.type !== 'trend_analysis') return '';
    try {
      return (await this.trends.versionOf(scope, trendsRequest(request))).periodsOver.toString();
    } catch (error) {
      omittedBy(error);
      return '';
    }
  }

  private async trendsOf(scope: Scope, request: ReportRequest): Promise<Sections> {
    const asked = trendsRequest(request);
    try {
      const answer = await this.trends.trends(scope, asked);
      return { trends: toTrends(asked, answer, this.trends.freshnessOf(answer)) };
    } catch (error) {
      return { omitted: [omittedBy(error)] };
    }
  }
}

/** Buckets of n days have no calendar: their trend is that of the days. */
const trendsRequest = ({ filter, range, interval }: ReportRequest): TrendsRequest => ({
  filter,
  range,
  period: typeof interval === 'string' ? interval : 'day',
  metrics: TREND_METRICS,
  horizon: HORIZON,
  cycles: [],
});

/** A report holds more cells than trends take points: that is said, and no reason to refuse the report. @throws what else went wrong */
const omittedBy = (error: unknown): OmittedPart => {
  if (!(error instanceof DomainError) || error.code !== 'query_too_broad') throw error;
  return { part: 'trends', code: error.code, reason: error.message };
};
