import { RESULT_STATUSES } from '../../executions/index.js';
import type { ExactValue, MetricFilter } from './query.js';
import type { GroupKey } from './rows.js';

/** How a client asks for what has no value: stored as the empty text, answered as null. */
export const NONE = '(none)';

type Predicate = (value: string) => boolean;

/** A filter as pure predicates, each over one value. A part that was not asked for admits everything. */
export interface CompiledFilter {
  readonly project: Predicate;
  readonly team: Predicate;
  readonly suite: Predicate;
  readonly type: Predicate;
  readonly branch: Predicate;
  readonly environment: Predicate;
  readonly owner: Predicate;
  readonly user: Predicate;
  readonly kind: Predicate;
  /** `tags` and `tagsAll` together, over the tags of one outcome. */
  readonly tags: (tags: readonly string[]) => boolean;
  /** Everything about a group but its project and team. */
  readonly group: (group: GroupKey) => boolean;
  /** Bit i stands for RESULT_STATUSES[i]. */
  readonly statusMask: number;
  /** Some part looks into groups, so totals cannot answer. */
  readonly hasGroupFilter: boolean;
  /** Tests or runs are named, so that attempts have to be read one by one. */
  readonly needsRows: boolean;
  /** Admits everything. */
  readonly isEmpty: boolean;
}

const everything: Predicate = () => true;

/** A matcher for `*` as any text, in time linear in the text: no pattern of a client can make it slow. */
const globMatcher = (pattern: string): Predicate => {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return (value) => value === pattern;
  const tail = rest.pop() ?? '';
  return (value) => {
    if (value.length < head.length + tail.length || !value.startsWith(head) || !value.endsWith(tail)) return false;
    let position = head.length;
    for (const part of rest) {
      const found = value.indexOf(part, position);
      if (found < 0) return false;
      position = found + part.length;
    }
    return position <= value.length - tail.length;
  };
};

interface Sides<T> {
  readonly wanted: readonly T[];
  readonly refused: readonly T[];
}

const sidesOf = (list: readonly string[]): Sides<string> => {
  const plain = (name: string): string => (name === NONE ? '' : name);
  return {
    wanted: list.filter((name) => !name.startsWith('!')).map(plain),
    refused: list.filter((name) => name.startsWith('!')).map((name) => plain(name.slice(1))),
  };
};

/** Alternatives and exceptions: a list of negations only admits everything else. */
const listPredicate = (list: readonly string[] | undefined, globs = false): Predicate => {
  if (!list || list.length === 0) return everything;
  const { wanted, refused } = sidesOf(list);
  const someOf = (names: readonly string[]): Predicate => {
    const exact = new Set(names.filter((name) => !globs || !name.includes('*')));
    const patterns = names.filter((name) => !exact.has(name)).map(globMatcher);
    return (value) => exact.has(value) || patterns.some((matches) => matches(value));
  };
  const isWanted = wanted.length === 0 ? everything : someOf(wanted);
  const isRefused = someOf(refused);
  return (value) => isWanted(value) && !isRefused(value);
};

const hasTag = (tags: readonly string[], tag: string): boolean => (tag === '' ? tags.length === 0 : tags.includes(tag));

const both =
  <T>(first: (value: T) => boolean, second: (value: T) => boolean) =>
  (value: T): boolean =>
    first(value) && second(value);

const tagPredicate = (any: readonly string[] = [], all: readonly string[] = []): CompiledFilter['tags'] => {
  const some = sidesOf(any);
  const every = sidesOf(all);
  const refused = [...some.refused, ...every.refused];
  return (tags) =>
    (some.wanted.length === 0 || some.wanted.some((tag) => hasTag(tags, tag))) &&
    every.wanted.every((tag) => hasTag(tags, tag)) &&
    !refused.some((tag) => hasTag(tags, tag));
};

const ALL_STATUSES = (1 << RESULT_STATUSES.length) - 1;

const maskOf = (statuses: MetricFilter['statuses']): number =>
  !statuses || statuses.length === 0
    ? ALL_STATUSES
    : RESULT_STATUSES.reduce((mask, status, code) => (statuses.includes(status) ? mask | (1 << code) : mask), 0);

const GROUP_LISTS = [
  'suites',
  'types',
  'tags',
  'tagsAll',
  'branches',
  'environments',
  'owners',
  'users',
  'kinds',
] as const;

const isGiven = (list: readonly string[] | undefined): boolean => list !== undefined && list.length > 0;

/** An empty list asks for nothing in particular, as an absent one does; only `tests` and `runs` admit what they name. */
export const compileFilter = (filter: MetricFilter): CompiledFilter => {
  const { exact = [] } = filter;
  const exactly = (dimension: ExactValue['dimension']): Predicate => {
    const values = exact.filter((part) => part.dimension === dimension).map((part) => part.value);
    return values.length === 0 ? everything : (value) => values.every((wanted) => wanted === value);
  };
  const tags = exact.filter((part) => part.dimension === 'tag').map((part) => part.value);
  const exactTags: CompiledFilter['tags'] = (found) => tags.every((tag) => hasTag(found, tag));
  const parts = {
    project: both(listPredicate(filter.projects), exactly('project')),
    team: both(listPredicate(filter.teams), exactly('team')),
    suite: both(listPredicate(filter.suites, true), exactly('suite')),
    type: both(listPredicate(filter.types), exactly('type')),
    branch: both(listPredicate(filter.branches, true), exactly('branch')),
    environment: both(listPredicate(filter.environments), exactly('environment')),
    owner: both(listPredicate(filter.owners), exactly('owner')),
    user: both(listPredicate(filter.users), exactly('user')),
    kind: both(listPredicate(filter.kinds), exactly('kind')),
    tags: both(tagPredicate(filter.tags, filter.tagsAll), exactTags),
  };
  const hasGroupFilter =
    GROUP_LISTS.some((name) => isGiven(filter[name])) ||
    exact.some(({ dimension }) => dimension !== 'project' && dimension !== 'team');
  const needsRows = filter.tests !== undefined || filter.runs !== undefined;
  const statusMask = maskOf(filter.statuses);
  return {
    ...parts,
    group: hasGroupFilter ? (group) => admitsGroup(parts, group) : () => true,
    statusMask,
    hasGroupFilter,
    needsRows,
    isEmpty:
      !hasGroupFilter &&
      !needsRows &&
      exact.length === 0 &&
      statusMask === ALL_STATUSES &&
      !isGiven(filter.projects) &&
      !isGiven(filter.teams),
  };
};

const admitsGroup = (
  parts: Pick<CompiledFilter, 'suite' | 'type' | 'branch' | 'environment' | 'owner' | 'user' | 'kind' | 'tags'>,
  group: GroupKey,
): boolean =>
  parts.suite(group.suite) &&
  parts.type(group.type) &&
  parts.branch(group.branch) &&
  parts.environment(group.environment) &&
  parts.owner(group.owner) &&
  parts.user(group.user) &&
  parts.kind(group.kind) &&
  parts.tags(group.tags);
