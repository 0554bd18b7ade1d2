import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { TestsRepository } from '../../executions/index.js';

/** What never changes of a test. */
export interface TestName {
  readonly testId: string;
  readonly name: string;
  readonly suite: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

const KEPT = 200_000;

/** Names of tests by project and number, kept in memory: they are part of the identity. */
@Injectable()
export class TestNames {
  private readonly kept = new LRUCache<string, TestName>({ maxSize: KEPT, sizeCalculation: () => 1 });

  constructor(private readonly tests: TestsRepository) {}

  /** By `projectId:number`; what stands for nothing is left out. */
  async of(wanted: readonly { readonly projectId: string; readonly number: number }[]): Promise<Map<string, TestName>> {
    const names = new Map<string, TestName>();
    const missing = new Map<string, number[]>();
    for (const { projectId, number } of wanted) {
      const key = `${projectId}:${number}`;
      const known = this.kept.get(key);
      if (known) names.set(key, known);
      else if (missing.has(projectId)) missing.get(projectId)!.push(number);
      else missing.set(projectId, [number]);
    }
    for (const [projectId, numbers] of missing)
      for (const test of (await this.tests.byNumbers(projectId, numbers)).values()) {
        const { testId, name, suite, parameters } = test;
        const kept = { testId, name, suite, ...(parameters && { parameters }) };
        this.kept.set(`${projectId}:${test.number}`, kept);
        names.set(`${projectId}:${test.number}`, kept);
      }
    return names;
  }
}
