import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import type { AttemptMode, MetricFilter, TimeRange } from '../metrics/index.js';
import { ReportsService } from '../reports/index.js';
import { API_BASE } from './widgets/links.js';

/** What a figure of a widget counts. */
export interface FigurePlace {
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly attempts: AttemptMode;
  /** As drill-downs take it. */
  readonly path?: string;
}

/** From a figure of a widget to the results behind it. */
@Injectable()
export class DrilldownLinkService {
  constructor(private readonly reports: ReportsService) {}

  /**
   * Makes the report of what the figure counts, or finds the one that was made of the same data, and answers the address of
   * its drill-down. A widget makes no reports by itself: hardly any of them would ever be looked at.
   * @throws DomainError 404 for a project that is not there or not the caller's
   */
  async follow(
    principal: Principal,
    place: FigurePlace,
  ): Promise<{ readonly reportId: string; readonly href: string }> {
    const { path, ...definition } = place;
    const { head } = await this.reports.generate(principal, { type: 'summary', ...definition });
    const query = new URLSearchParams({ level: 'result', ...(path && { path }) });
    return { reportId: head.reportId, href: `${API_BASE}/reports/${head.reportId}/drilldown?${query.toString()}` };
  }
}
