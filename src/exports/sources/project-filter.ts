import { invalid } from '../../common/index.js';
import type { MetricFilter } from '../../metrics/index.js';

/**
 * Refuses the lists that a source knows nothing of: passed over in silence, the file would hold more than was asked for.
 * @param known lists that it knows
 * @throws DomainError 422 `filter_not_offered`
 */
export const checkLists = (title: string, filter: MetricFilter, known: readonly (keyof MetricFilter)[]): void => {
  const foreign = Object.entries(filter).flatMap(([name, values]) =>
    values !== undefined && !known.some((list) => list === name) ? [name] : [],
  );
  if (foreign.length === 0) return;
  const detail =
    known.length === 0 ? 'does not belong to this source' : `this source knows of: ${known.join(', ')}, timeRange`;
  throw invalid(
    'filter_not_offered',
    `${title} cannot be filtered so`,
    foreign.map((name) => ({ pointer: `/filter/${name}`, detail })),
  );
};

export const PROJECT_LISTS = ['projects', 'teams'] as const satisfies readonly (keyof MetricFilter)[];

/** Whether a filter names what to look at, or leaves it at everything. */
export const namesProjects = ({ projects, teams }: MetricFilter): boolean =>
  (projects?.length ?? 0) > 0 || (teams?.length ?? 0) > 0;

/**
 * The states asked for, of a source that has these.
 * @throws DomainError 422 `validation_failed`
 */
export const statesOf = <S extends string>(wanted: unknown, all: readonly S[]): readonly S[] | undefined => {
  if (!Array.isArray(wanted) || wanted.length === 0) return undefined;
  return wanted.map((state: unknown, i) => {
    const known = all.find((each) => each === state);
    if (known !== undefined) return known;
    throw invalid('validation_failed', 'Some fields are not valid', [
      { pointer: `/source/states/${i}`, detail: `must be one of: ${all.join(', ')}` },
    ]);
  });
};
