import { formatPath, type Level, type PathSegment } from './drill-path.js';
import type { CellPlace } from './report.js';

const BASE = '/api/v1/execution-reporting/reports';

export const reportHref = (reportId: string): string => `${BASE}/${reportId}`;

/** The address of a part of a report. Without a level it is the natural next one. */
export const drillHref = (
  reportId: string,
  { period, row }: CellPlace,
  path: readonly PathSegment[] = [],
  level?: Level,
): string => {
  const query = new URLSearchParams();
  if (level) query.set('level', level);
  if (period === 'previous') query.set('period', period);
  if (row !== undefined) query.set('row', String(row));
  if (path.length > 0) query.set('path', formatPath(path));
  const text = query.toString();
  return `${reportHref(reportId)}/drilldown${text === '' ? '' : `?${text}`}`;
};
