import { RESULT_STATUSES, type ResultStatus } from '../../../executions/index.js';
import type { Outcome } from '../outcomes.js';

export const RUN_ID = '6650c0ffee6650c0ffee0001';

/** An outcome for tests, with whatever matters to them. */
export const outcome = (test: number, status: ResultStatus, more: Partial<Omit<Outcome, 'status'>> = {}): Outcome => ({
  test,
  number: test,
  runId: RUN_ID,
  runStartedAtSeconds: 1_700_000_000,
  attempt: 1,
  flaky: false,
  at: 1_700_000_000_000,
  durationUs: 100_000,
  suite: 'shop',
  ...more,
  status: RESULT_STATUSES.indexOf(status),
});
