import type { ErrorInput, ResultInput, ResultStatus, Run, RunInput } from '../domain/model.js';
import type { StoredResult } from '../domain/stored.js';

/** One test of a run with all of its attempts, in order. */
export interface WrittenTest {
  readonly suite: string;
  readonly attempts: readonly ResultInput[];
}

/** What is known of a run, or a suite of it, before its first test is written. */
export interface WrittenCounts {
  readonly tests: number;
  readonly byStatus: Readonly<Record<ResultStatus, number>>;
  readonly flaky: number;
  /** Sum over the last attempts. */
  readonly durationMs: number;
}

export interface WrittenSuite extends WrittenCounts {
  readonly name: string;
  readonly startedAt: Date;
}

const given = <T extends object>(members: T): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;

const errorOf = ({ type, message, stack }: ErrorInput): ErrorInput => given({ type, message, stack });

/** A stored attempt as a client would have sent it. */
export const toResultInput = (stored: StoredResult): ResultInput => {
  const { test, status, attempt, startedAt, durationMs, type, owner, worker, tags, steps, error } = stored;
  return {
    name: test.name,
    ...(test.suite === '' ? {} : { suite: test.suite }),
    ...given({ file: test.file, type, owner, parameters: test.parameters, worker, durationMs }),
    ...{ status, attempt, startedAt: startedAt.toISOString() },
    ...(tags.length > 0 ? { tags } : {}),
    ...(steps.length > 0 ? { steps } : {}),
    ...(error ? { error: errorOf(error) } : {}),
  };
};

/** A stored run as a client would have sent it, without its project. */
export const toRunInput = (run: Run): Omit<RunInput, 'project'> => {
  const { externalId, build, kind, name, branch, commit, pullRequest, environment, ci, triggeredBy, attributes } = run;
  const { tags, workers, metrics, resources, startedAt, finishedAt, commitTime } = run;
  return {
    ...{ externalId, kind, startedAt: startedAt.toISOString() },
    ...given({ build, name, branch, commit, pullRequest, environment, ci, triggeredBy, attributes }),
    ...given({ workers, metrics, resources }),
    ...given({ finishedAt: finishedAt?.toISOString(), commitTime: commitTime?.toISOString() }),
    ...(tags.length > 0 ? { tags } : {}),
  };
};
