import { Injectable } from '@nestjs/common';
import { TestsRepository } from '../../executions/index.js';
import type { Group } from '../domain/rule.js';

/** Ids of tests in place of `projectId:number`, as rows name them. */
@Injectable()
export class TestIds {
  constructor(private readonly tests: TestsRepository) {}

  async name<T extends { readonly group: Group }>(entries: readonly T[]): Promise<T[]> {
    const ids = await this.idsOf(entries.flatMap(({ group }) => group.test ?? []));
    return entries.map((entry) => {
      const { test } = entry.group;
      return test === undefined ? entry : { ...entry, group: { ...entry.group, test: ids.get(test) ?? test } };
    });
  }

  /** By `projectId:number`. */
  async idsOf(refs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const numbers = new Map<string, number[]>();
    for (const ref of refs) {
      const [projectId = '', number = ''] = ref.split(':');
      numbers.set(projectId, [...(numbers.get(projectId) ?? []), Number(number)]);
    }
    const ids = new Map<string, string>();
    for (const [projectId, list] of numbers)
      for (const [number, { testId }] of await this.tests.byNumbers(projectId, list))
        ids.set(`${projectId}:${number}`, testId);
    return ids;
  }
}
