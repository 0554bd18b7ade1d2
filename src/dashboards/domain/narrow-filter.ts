import { compileFilter, type MetricFilter, NONE } from '../../metrics/index.js';

/** Two lists of a filter of which no single list says "both of them". */
export interface FilterConflict {
  /** Member of the filter. */
  readonly list: keyof MetricFilter;
  readonly detail: string;
}

export type Narrowed = { readonly filter: MetricFilter } | { readonly conflict: FilterConflict };

const PLAIN = ['projects', 'teams', 'types', 'environments', 'owners', 'users'] as const;
const GLOBS = ['suites', 'branches'] as const;
const SETS = ['tests', 'kinds', 'statuses'] as const;

type Names = readonly string[];

const sidesOf = (list: Names): { wanted: Names; refused: Names } => ({
  wanted: list.filter((name) => !name.startsWith('!')),
  refused: list.filter((name) => name.startsWith('!')),
});

const unique = (names: Names): string[] => [...new Set(names)].sort();

/**
 * Whether every text that `name` stands for is one that `pattern` stands for. A `*` of `name` counts as a letter that only
 * a `*` of `pattern` can match, so that the answer holds for whatever it is replaced by.
 */
export const covers = (pattern: string, name: string): boolean =>
  compileFilter({ suites: [pattern] }).suite(name === NONE ? '' : name);

interface Both {
  readonly names: Names;
  /** Two patterns of which neither covers the other: together they are no pattern. */
  readonly unclear: boolean;
}

const bothOf = (a: Names, b: Names, globs: boolean): Both => {
  if (!globs) return { names: a.filter((name) => b.includes(name)), unclear: false };
  const names: string[] = [];
  let unclear = false;
  for (const one of a)
    for (const other of b)
      if (covers(other, one)) names.push(one);
      else if (covers(one, other)) names.push(other);
      else if (one.includes('*') && other.includes('*') && mayMeet(one, other)) unclear = true;
  return { names, unclear };
};

/** Two patterns whose fixed beginnings or ends contradict each other have no text in common. */
const mayMeet = (a: string, b: string): boolean => {
  const [headA, headB] = [a.slice(0, a.indexOf('*')), b.slice(0, b.indexOf('*'))];
  const [tailA, tailB] = [a.slice(a.lastIndexOf('*') + 1), b.slice(b.lastIndexOf('*') + 1)];
  return (headA.startsWith(headB) || headB.startsWith(headA)) && (tailA.endsWith(tailB) || tailB.endsWith(tailA));
};

/**
 * Whether filters have left nothing. Those who look at runs or alerts, and not at tests, have to ask: the list that
 * contradicts itself is empty, which admits everything.
 */
export const admitsNothing = ({ tests }: MetricFilter): boolean => tests?.length === 0;

/** Outcomes of no test: what contradictory filters leave. */
const nothing = (filter: MetricFilter): MetricFilter => ({ ...filter, tests: [] });

const given = (list: Names | undefined): list is Names => list !== undefined && list.length > 0;

/**
 * What both filters admit, as one filter. The second one narrows the first; where they contradict each other nothing is
 * left. Two lists that no single list can stand for are a conflict: nothing is ever approximated.
 */
export const narrowFilter = (outer: MetricFilter, inner: MetricFilter): Narrowed => {
  let filter: MetricFilter = { ...outer, ...inner };
  let isEmpty = false;
  for (const list of [...PLAIN, ...GLOBS, ...SETS]) {
    const [a, b] = [outer[list], inner[list]];
    if (!given(a) || !given(b)) {
      filter = { ...filter, ...((given(b) ? b : a) && { [list]: given(b) ? b : a }) };
      continue;
    }
    const [left, right] = [sidesOf(a), sidesOf(b)];
    const refused = unique([...left.refused, ...right.refused]);
    const both =
      left.wanted.length > 0 && right.wanted.length > 0
        ? bothOf(left.wanted, right.wanted, list === 'suites' || list === 'branches')
        : { names: [...left.wanted, ...right.wanted], unclear: false };
    if (both.unclear)
      return { conflict: { list, detail: "cannot be joined with the dashboard's pattern: name them one by one" } };
    const wanted = unique(both.names);
    if (wanted.length === 0 && left.wanted.length + right.wanted.length > 0) isEmpty = true;
    filter = { ...filter, [list]: [...wanted, ...refused] };
  }
  return withTags(outer, inner, isEmpty ? nothing(filter) : filter);
};

/** Any of these and any of those: an outcome has many tags, so only a list of one can become "all of". */
const withTags = (outer: MetricFilter, inner: MetricFilter, filter: MetricFilter): Narrowed => {
  const all = unique([...(outer.tagsAll ?? []), ...(inner.tagsAll ?? [])]);
  const [a, b] = [sidesOf(outer.tags ?? []), sidesOf(inner.tags ?? [])];
  const refused = unique([...a.refused, ...b.refused]);
  const [fewer, more] = a.wanted.length <= b.wanted.length ? [a.wanted, b.wanted] : [b.wanted, a.wanted];
  if (fewer.length > 1)
    return {
      conflict: { list: 'tags', detail: "cannot be joined with the dashboard's tags: give one tag, or tagsAll" },
    };
  const tags = [...more, ...refused];
  const tagsAll = unique([...all, ...fewer]);
  return {
    filter: {
      ...withoutTags(filter),
      ...(tags.length > 0 && { tags: unique(tags) }),
      ...(tagsAll.length > 0 && { tagsAll }),
    },
  };
};

const withoutTags = (filter: MetricFilter): MetricFilter =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => name !== 'tags' && name !== 'tagsAll'));
