import type { Scope } from '../../common/index.js';
import type { TestsRepository } from '../../executions/index.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { textOf } from '../domain/plan-changes.js';

/** How the groups of alerts read, by the alert's id; only of those that name a test, whose id says nothing to people. */
export const groupTexts = async (
  scope: Scope,
  alerts: readonly Pick<StoredAlert, 'alertId' | 'group'>[],
  tests: Pick<TestsRepository, 'findByIds'>,
): Promise<ReadonlyMap<string, string>> => {
  const ids = alerts.flatMap(({ group }) => group.test ?? []);
  if (ids.length === 0) return new Map();
  const names = new Map((await tests.findByIds(scope, ids)).map((test) => [test.testId, test.name]));
  return new Map(
    alerts.flatMap(({ alertId, group }): [string, string][] => {
      const name = names.get(group.test ?? '');
      return name === undefined ? [] : [[alertId, textOf({ ...group, test: name })]];
    }),
  );
};
