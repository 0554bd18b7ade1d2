import type { Scope } from '../common/index.js';
import type { Project } from '../projects/index.js';
import type { ProjectFacts } from './domain/accumulate.js';
import { dayOf } from './domain/build-rows.js';
import type { MetricQuery, TimeBucket } from './domain/query.js';
import type { Selection } from './domain/row-matcher.js';
import type { DayState } from './persistence/days.repository.js';
import type { Overlay } from './persistence/overlay.service.js';
import type { ProjectState } from './persistence/read-index.js';

/** What a scope's figures stand at: the position of the newest commit among its projects. */
export interface DataVersion {
  readonly position: number;
  readonly committedAt?: Date;
}

/** What a filter names, and where that stands. */
export interface ResolvedScope {
  readonly projects: readonly Project[];
  readonly version: DataVersion;
}

export interface ResolvedContent extends ResolvedScope {
  /**
   * Moves with every change of the days that the range touches, and of what people have defined for the projects:
   * aliases, outages, weights, quarantine. It stands still while other days grow.
   */
  readonly content: string;
}

/** One project of a query, as it stands. */
export interface QueryTarget {
  readonly facts: ProjectFacts;
  readonly state: ProjectState;
  readonly overlay?: Overlay;
}

/** A query with its names resolved: what the engine works on. */
export interface PreparedQuery {
  readonly scope: Scope;
  readonly query: MetricQuery;
  readonly selection: Selection;
  readonly buckets: readonly TimeBucket[];
  readonly bucketAt: (epochMs: number) => number;
  readonly targets: readonly QueryTarget[];
  readonly version: DataVersion;
  readonly needsRows: boolean;
  readonly hasGroupFilter: boolean;
  readonly parts?: readonly number[];
}

export const newest = (states: ReadonlyMap<string, Omit<ProjectState, 'days'>>): DataVersion =>
  [...states.values()].reduce<DataVersion>((best, state) => (state.position > best.position ? state : best), {
    position: 0,
  });

export const dayRange = ({ range }: Pick<MetricQuery, 'range'>): [first: number, last: number] => [
  dayOf(range.from.getTime()),
  dayOf(range.to.getTime() - 1),
];

/** The days of a project that the range touches, in order; also those that held something at `asOf` only. */
export const daysInRange = (target: QueryTarget, query: MetricQuery): DayState[] => {
  const [first, last] = dayRange(query);
  const known = [...target.state.days.values()].filter((state) => state.day >= first && state.day <= last);
  const inPast = [...(target.overlay?.days ?? [])]
    .filter((day) => day >= first && day <= last && !target.state.days.has(day))
    .map((day) => ({ day, version: 0, sealed: -1 }));
  return [...known, ...inPast].sort((a, b) => a.day - b.day);
};

export const orderedDays = (
  prepared: PreparedQuery,
  newestFirst: boolean,
): { target: QueryTarget; state: DayState }[] => {
  const sign = newestFirst ? -1 : 1;
  return prepared.targets
    .flatMap((target) => daysInRange(target, prepared.query).map((state) => ({ target, state })))
    .sort((a, b) => sign * (a.state.day - b.state.day));
};
