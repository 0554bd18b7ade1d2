import type { Plain } from '../../common/index.js';
import { drillHref, reportHref } from '../domain/links.js';
import type { ReportHead } from '../domain/report.js';
import type { StoredReport } from '../persistence/reports.repository.js';
import type { ReportDto, ReportHeadDto } from './report.dto.js';

export const toHeadDto = (head: ReportHead): Plain<ReportHeadDto> => {
  const { reportId, request } = head;
  const { from, to, timeZone } = request.range;
  return {
    reportId,
    type: head.type,
    ...(head.name === undefined ? {} : { name: head.name }),
    filter: request.filter,
    timeRange: { from: from.toISOString(), to: to.toISOString(), timeZone },
    ...(request.interval === undefined ? {} : { interval: request.interval }),
    groupBy: request.groupBy,
    attempts: request.attempts,
    projects: head.projects.map(({ key }) => key),
    asOf: head.asOf,
    generatedAt: head.generatedAt.toISOString(),
    expiresAt: head.expiresAt.toISOString(),
    createdBy: head.createdBy,
    plan: head.plan,
    links: { self: reportHref(reportId), drilldown: drillHref(reportId, { period: 'current' }) },
  };
};

export const toReportDto = (
  { head, body }: StoredReport,
  cached: boolean,
  dataFreshnessSeconds: number | null,
): Plain<ReportDto> => ({ ...toHeadDto(head), dataFreshnessSeconds, cached, ...body });

/** A report never changes, so its id is its version. Weak: the age of the data is in the answer too. */
export const etagOf = ({ reportId }: ReportHead): string => `W/"${reportId}"`;

/** Whether If-None-Match names the version. */
export const isMatch = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));
