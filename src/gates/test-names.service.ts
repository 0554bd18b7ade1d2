import { Injectable } from '@nestjs/common';
import { resultIdOf, type StoredTest, TestsRepository } from '../executions/index.js';
import type { Outcome } from './domain/outcomes.js';

export const API_ROOT = '/api/v1/execution-reporting';

/** Where the results and runs behind a figure are read. */
export const runHref = (runId: string): string => `${API_ROOT}/runs/${runId}`;

/** Names of tests, and the links to their results; fetched for what is shown only. */
@Injectable()
export class TestNames {
  constructor(private readonly tests: TestsRepository) {}

  byNumber(projectId: string, numbers: Iterable<number>): Promise<ReadonlyMap<number, StoredTest>> {
    return this.tests.byNumbers(projectId, [...new Set(numbers)]);
  }
}

/** The result document of an outcome. @param testId of the name that the outcome was stored under */
export const resultIdOfOutcome = ({ runStartedAtSeconds, runId, attempt }: Outcome, testId: string): string =>
  resultIdOf(runStartedAtSeconds, runId, testId, attempt).toString('hex');

export const resultHref = (resultId: string): string => `${API_ROOT}/results/${resultId}`;
