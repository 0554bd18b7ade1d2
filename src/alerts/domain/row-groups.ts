import { type DayRows, testRef } from '../../metrics/index.js';
import type { Group, GroupDimension } from './rule.js';

/** A group while rows are read: a test is `projectId:number` until its id is looked up. */
export const groupOfRow = (dimensions: readonly GroupDimension[], day: DayRows, row: number): Group => {
  const { rows, projectId, projectKey } = day;
  const key = rows.groups[rows.group[row]!]!;
  const values: Readonly<Record<GroupDimension, () => string>> = {
    project: () => projectKey,
    suite: () => key.suite,
    test: () => testRef(projectId, rows.test[row]!),
    branch: () => key.branch,
    environment: () => key.environment,
  };
  return Object.fromEntries(dimensions.map((name) => [name, values[name]()]));
};
