import { NONE } from '../../metrics/index.js';
import type { PathSegment } from './drill-path.js';
import { drillHref } from './links.js';
import type { ReportRow } from './report-body.js';
import type { CellPlace, ReportHead } from './report.js';

/** A step on the way down, with the way back to it. */
export interface Crumb {
  readonly kind: string;
  readonly value: string | null;
  readonly title: string;
  readonly href: string;
}

/** The report, the cell of it (where one was chosen), and each segment of the path. */
export const breadcrumbOf = (
  head: Pick<ReportHead, 'reportId' | 'name' | 'type'>,
  place: CellPlace,
  row: ReportRow | undefined,
  path: readonly PathSegment[],
  testNames: ReadonlyMap<string, string>,
): Crumb[] => {
  const { reportId } = head;
  const { period } = place;
  const report: Crumb = {
    kind: 'report',
    value: reportId,
    title: head.name ?? head.type,
    href: drillHref(reportId, { period }),
  };
  const cell: Crumb[] = row
    ? [{ kind: 'row', value: String(place.row), title: titleOf(row), href: drillHref(reportId, place) }]
    : [];
  const steps = path.map(({ kind, value }, i) => ({
    kind,
    value: value || null,
    title: (kind === 'test' ? testNames.get(value) : undefined) ?? (value || NONE),
    href: drillHref(reportId, place, path.slice(0, i + 1)),
  }));
  return [report, ...cell, ...steps];
};

const titleOf = ({ bucket, group, labels }: ReportRow): string => {
  const values = Object.entries(group ?? {}).map(([kind, value]) => labels?.[kind] ?? value ?? NONE);
  return [...(bucket ? [`${bucket.from} to ${bucket.to}`] : []), ...values].join(', ');
};
