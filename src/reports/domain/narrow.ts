import { invalid } from '../../common/index.js';
import type { ResultStatus } from '../../executions/index.js';
import {
  bucketsOf,
  previousRange,
  startOfDate,
  type ExactValue,
  type MetricQuery,
  type TimeRange,
} from '../../metrics/index.js';
import type { PathSegment } from './drill-path.js';
import { withoutProjects } from './filter-parts.js';
import type { BucketView, CellPlace, ReportHead } from './report.js';

const DAY_MS = 86_400_000;

/** What a cell says about where it lies; the empty text in a group stands for "none". */
export interface CellBounds {
  readonly bucket?: BucketView;
  readonly group?: readonly PathSegment[];
}

/** The part of a report that a drill-down looks at. */
export interface Narrowed {
  readonly query: MetricQuery;
  /** Keys of the projects that are left. */
  readonly projects: readonly string[];
  readonly fingerprint?: string;
  /** Nothing can lie here: the path contradicts the report or itself. */
  readonly empty: boolean;
}

/**
 * The query behind a cell and a path, exactly: values are taken as they are, and teams as they were when the report was
 * made.
 */
export const narrow = (
  head: Pick<ReportHead, 'request' | 'projects' | 'organization'>,
  place: CellPlace,
  bounds: CellBounds,
  path: readonly PathSegment[],
  statuses?: readonly ResultStatus[],
): Narrowed => {
  const { request } = head;
  const segments = [...(bounds.group ?? []), ...path];
  const whole = place.period === 'previous' ? previousRange(request.range) : request.range;
  const ranges = [...(bounds.bucket ? [bounds.bucket] : []), ...timesOf(segments, whole)];
  const range = ranges.reduce(intersect, whole);
  const projects = head.projects.filter(({ key, team }) =>
    segments.every(({ kind, value }) => (kind === 'project' ? value === key : kind === 'team' ? value === team : true)),
  );
  const fingerprints = new Set(valuesOf(segments, 'cluster'));
  const tests = intersection(request.filter.tests, valuesOf(segments, 'test'));
  const runs = intersection(request.filter.runs, valuesOf(segments, 'run'));
  const wanted = bothStatuses(request.filter.statuses, statuses);
  const empty =
    projects.length === 0 ||
    range.from >= range.to ||
    fingerprints.size > 1 ||
    wanted?.length === 0 ||
    valuesOf(segments, 'organization').some((name) => name !== head.organization);
  return {
    query: {
      filter: {
        ...withoutProjects(request.filter),
        ...(tests ? { tests } : {}),
        ...(runs ? { runs } : {}),
        ...(wanted && wanted.length > 0 ? { statuses: wanted } : {}),
        exact: exactOf(segments),
      },
      range,
      attempts: request.attempts,
    },
    projects: projects.map(({ key }) => key),
    ...(fingerprints.size === 1 ? { fingerprint: [...fingerprints][0]! } : {}),
    empty,
  };
};

const valuesOf = (segments: readonly PathSegment[], kind: PathSegment['kind']): string[] =>
  segments.filter((segment) => segment.kind === kind).map((segment) => segment.value);

const EXACT = ['suite', 'type', 'tag', 'branch', 'environment', 'owner', 'user', 'kind'] as const;

const exactOf = (segments: readonly PathSegment[]): ExactValue[] =>
  EXACT.flatMap((dimension) => valuesOf(segments, dimension).map((value) => ({ dimension, value })));

/** What a list leaves of each of the values named; undefined when neither says anything. */
const intersection = (list: readonly string[] | undefined, named: readonly string[]): readonly string[] | undefined => {
  const first = named[0];
  if (first === undefined) return list;
  const one = named.every((value) => value === first) && (!list || list.includes(first));
  return one ? [first] : [];
};

const bothStatuses = (
  a: readonly ResultStatus[] | undefined,
  b: readonly ResultStatus[] | undefined,
): readonly ResultStatus[] | undefined => {
  const isGiven = (list: readonly ResultStatus[] | undefined): list is readonly ResultStatus[] =>
    !!list && list.length > 0;
  if (!isGiven(a)) return isGiven(b) ? b : undefined;
  return isGiven(b) ? a.filter((status) => b.includes(status)) : a;
};

const intersect = (range: TimeRange, bucket: BucketView): TimeRange => ({
  ...range,
  from: new Date(Math.max(range.from.getTime(), Date.parse(bucket.from))),
  to: new Date(Math.min(range.to.getTime(), Date.parse(bucket.to))),
});

const timesOf = (segments: readonly PathSegment[], { timeZone }: TimeRange): BucketView[] => [
  ...valuesOf(segments, 'day').map((date) => dayBounds(date, timeZone)),
  ...valuesOf(segments, 'hour').map((instant) => hourBounds(instant, timeZone)),
];

const wrongTime = (detail: string) =>
  invalid('invalid_path', 'The path of the drill-down cannot be read', [{ pointer: '/path', detail }]);

const view = (from: number, to: number): BucketView => ({
  from: new Date(from).toISOString(),
  to: new Date(to).toISOString(),
});

const dayBounds = (date: string, timeZone: string): BucketView => {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // a 30th of February is read as a day of March
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== date)
    throw wrongTime('day: takes a date such as 2026-01-31');
  const next = new Date(midnight + DAY_MS).toISOString().slice(0, 10);
  return view(startOfDate(date, timeZone), startOfDate(next, timeZone));
};

const hourBounds = (instant: string, timeZone: string): BucketView => {
  const from = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/.test(instant) ? Date.parse(instant) : Number.NaN;
  if (Number.isNaN(from) || new Date(from).toISOString().slice(0, 10) !== instant.slice(0, 10))
    throw wrongTime('hour: takes the UTC time at which it begins, such as 2026-01-31T10:00Z');
  const [hour] = bucketsOf({ from: new Date(from), to: new Date(from + DAY_MS), timeZone }, 'hour');
  return view(from, hour!.to.getTime());
};
