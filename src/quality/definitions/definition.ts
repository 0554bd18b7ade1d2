/** What a person decided about one run, in place of what the outage rule says. */
export interface OutageDecision {
  readonly runId: string;
  readonly projectId: string;
  readonly projectKey: string;
  /** true: left out of flakiness; false: put back. */
  readonly excluded: boolean;
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** `pastTestId` goes on as `testId`. */
export interface TestAlias {
  readonly projectId: string;
  readonly projectKey: string;
  readonly pastTestId: string;
  readonly pastNumber: number;
  readonly testId: string;
  readonly number: number;
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** Follows aliases to the present name; a circle, which two racing requests could make, ends where it closes. */
export const followAliases = <K>(next: ReadonlyMap<K, K>, from: K): K => {
  const seen = new Set<K>([from]);
  let here = from;
  for (let to = next.get(here); to !== undefined && !seen.has(to); to = next.get(here)) {
    seen.add(to);
    here = to;
  }
  return here;
};

/** The tests with all the names that they had and have, whichever of them is given: aliases join those to one history. */
export const withAllNames = (
  testIds: readonly string[],
  aliases: readonly Pick<TestAlias, 'pastTestId' | 'testId'>[],
): string[] => {
  if (aliases.length === 0) return [...testIds];
  const next = new Map(aliases.map(({ pastTestId, testId }) => [pastTestId, testId]));
  const present = new Set(testIds.map((testId) => followAliases(next, testId)));
  const past = [...next.keys()].filter((testId) => present.has(followAliases(next, testId)));
  return [...new Set([...testIds, ...present, ...past])];
};

/** What of an alias joins two histories. */
export type AliasLink = Pick<TestAlias, 'projectId' | 'pastNumber' | 'number'>;

/** Resolves the number of a renamed test to that of its present name. */
export type CanonicalNumber = (projectId: string, number: number) => number;

export const canonicalNumbers = (aliases: readonly AliasLink[]): CanonicalNumber => {
  if (aliases.length === 0) return (_, number) => number;
  const next = new Map<string, Map<number, number>>();
  for (const { projectId, pastNumber, number } of aliases) {
    const ofProject = next.get(projectId) ?? new Map<number, number>();
    next.set(projectId, ofProject.set(pastNumber, number));
  }
  return (projectId, number) => {
    const ofProject = next.get(projectId);
    return ofProject?.has(number) ? followAliases(ofProject, number) : number;
  };
};
