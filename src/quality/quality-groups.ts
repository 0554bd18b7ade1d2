import type { Project } from '../projects/index.js';
import type { AssessedTest } from './assessments/assessment.js';

export const QUALITY_SCOPES = ['organization', 'team', 'project', 'suite', 'test'] as const;
export type QualityScope = (typeof QUALITY_SCOPES)[number];

/** What a group is of; null where the client sent none. */
export interface GroupKey {
  readonly team?: string | null;
  readonly project?: string;
  readonly suite?: string | null;
}

export interface TestGroup extends GroupKey {
  readonly tests: readonly AssessedTest[];
}

/** The tests of each team, project or suite. The organization is one whole, and single tests have a list of their own. */
export const groupTests = (
  level: QualityScope,
  tests: readonly AssessedTest[],
  projects: readonly Project[],
): TestGroup[] => {
  if (level === 'organization' || level === 'test') return [];
  const teams = new Map(projects.map((project) => [project.id, project.team ?? null]));
  const keyOf = ({ projectId, projectKey, suite }: AssessedTest): GroupKey => {
    if (level === 'team') return { team: teams.get(projectId) ?? null };
    return level === 'project' ? { project: projectKey } : { project: projectKey, suite: suite === '' ? null : suite };
  };
  const groups = new Map<string, { key: GroupKey; tests: AssessedTest[] }>();
  for (const test of tests) {
    const key = keyOf(test);
    const id = JSON.stringify(key);
    const group = groups.get(id);
    if (group) group.tests.push(test);
    else groups.set(id, { key, tests: [test] });
  }
  return [...groups.values()].map((group) => ({ ...group.key, tests: group.tests }));
};
