import type { Commit } from '../../executions/index.js';
import type { CompiledFilter, TimeRange } from '../../metrics/index.js';

/** What of a widget decides whether a commit can change it. */
export interface Touchable {
  /** See `Reach` of widget types. */
  readonly reach: 'filter' | 'projects' | 'runs' | 'nothing';
  readonly filter: CompiledFilter;
  readonly projectIds: ReadonlySet<string>;
  readonly range: TimeRange;
}

/** What a run says of itself; its results lie in groups of just these. */
export interface TouchingRun {
  readonly branch?: string;
  readonly environment?: string;
  readonly triggeredBy?: string;
  readonly kind: string;
}

const DAY_MS = 86_400_000;
/** Judgements look so far back beyond the period before. */
const LOOKBACK_DAYS = 31;

/** A run may have been told more since it was counted: what it did not say then counts, too. */
const admits = (predicate: (value: string) => boolean, value: string | undefined): boolean =>
  predicate('') || predicate(value ?? '');

const admitsRun = ({ branch, environment, user, kind }: CompiledFilter, run: TouchingRun): boolean =>
  admits(branch, run.branch) && admits(environment, run.environment) && admits(user, run.triggeredBy) && kind(run.kind);

/** Whether a commit can change what a widget shows. It may say yes in vain, and never no in vain. */
export const touches = (
  { reach, filter, projectIds, range }: Touchable,
  { kind, projectId, days }: Pick<Commit, 'kind' | 'projectId' | 'days'>,
  run: TouchingRun | undefined,
): boolean => {
  if (reach === 'nothing') return false;
  // teams, zones, weights and aliases may move a project into a filter or out of it
  if (kind === 'definition') return true;
  if (!projectIds.has(projectId)) return false;
  if (reach === 'runs') return true;
  const lengthMs = range.to.getTime() - range.from.getTime();
  const first = Math.floor((range.from.getTime() - lengthMs) / DAY_MS) - (reach === 'projects' ? LOOKBACK_DAYS : 0);
  const last = Math.floor((range.to.getTime() - 1) / DAY_MS);
  if (!days.some((day) => day >= first && day <= last)) return false;
  return reach === 'projects' || kind !== 'results' || run === undefined || admitsRun(filter, run);
};
