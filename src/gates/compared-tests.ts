import { Injectable } from '@nestjs/common';
import type { StoredTest } from '../executions/index.js';
import type { ComparedTest } from './domain/compare.js';
import { type Outcome, statusOf } from './domain/outcomes.js';
import { resultHref, resultIdOfOutcome, TestNames } from './test-names.service.js';

export interface ComparedOutcomeAnswer {
  readonly status: string;
  readonly flaky: boolean;
  readonly durationMs: number | null;
  readonly runId: string;
  readonly resultId: string;
  readonly href: string;
}

export interface ComparedTestAnswer {
  readonly testId: string;
  readonly name: string;
  readonly suite: string;
  readonly base: ComparedOutcomeAnswer | null;
  readonly head: ComparedOutcomeAnswer | null;
  readonly duration: {
    readonly headMs: number;
    readonly referenceMs: number;
    readonly ratio: number;
    readonly p: number;
    readonly q: number;
    readonly headN: number;
    readonly referenceN: number;
  } | null;
}

/** Gives compared tests their names and links. */
@Injectable()
export class ComparedTests {
  constructor(private readonly names: TestNames) {}

  /** @param shown the tests that will be asked for */
  async name(projectId: string, shown: readonly ComparedTest[]): Promise<(test: ComparedTest) => ComparedTestAnswer> {
    const numbers = shown.flatMap(({ test, base, head }) => [test, base?.number ?? test, head?.number ?? test]);
    const names = await this.names.byNumber(projectId, numbers);
    return (test) => toAnswer(test, names);
  }
}

const toAnswer = (one: ComparedTest, names: ReadonlyMap<number, StoredTest>): ComparedTestAnswer => {
  const { test, base, head, slower } = one;
  const named = names.get((head ?? base)?.number ?? test);
  return {
    testId: (names.get(test) ?? named)?.testId ?? '',
    name: named?.name ?? '',
    suite: named?.suite ?? '',
    base: outcomeOf(base, names),
    head: outcomeOf(head, names),
    duration: slower
      ? {
          ...{ headMs: slower.headMs, referenceMs: slower.referenceMs, ratio: slower.ratio },
          ...{ p: slower.p, q: slower.q, headN: slower.headN, referenceN: slower.referenceN },
        }
      : null,
  };
};

const outcomeOf = (
  outcome: Outcome | undefined,
  names: ReadonlyMap<number, StoredTest>,
): ComparedOutcomeAnswer | null => {
  const testId = outcome && names.get(outcome.number)?.testId;
  if (!outcome || testId === undefined) return null;
  const resultId = resultIdOfOutcome(outcome, testId);
  return {
    status: statusOf(outcome),
    flaky: outcome.flaky,
    durationMs: Number.isNaN(outcome.durationUs) ? null : outcome.durationUs / 1000,
    runId: outcome.runId,
    resultId,
    href: resultHref(resultId),
  };
};
