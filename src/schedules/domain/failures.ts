import { DomainError, isDatabaseAway } from '../../common/index.js';
import type { FailurePolicy, RunError } from './schedule.js';

/** Tries of one occurrence when something is away or breaks. */
const MAX_TRIES = 3;
/** Claims of one occurrence, those included whose process was killed: a job that kills its process must not go on for ever. */
export const MAX_CLAIMS = 5;
const PAUSE_MS = [60_000, 300_000];

export type Verdict = { readonly retryInMs: number } | { readonly error: RunError };

/** What a failed try means: another one later, or the end. What is not meant for people is not told. */
export const judgeFailure = (error: unknown, attempts: number): Verdict => {
  const passes = !(error instanceof DomainError) || error.kind === 'unavailable';
  if (passes && attempts < MAX_TRIES) return { retryInMs: PAUSE_MS[attempts - 1] ?? PAUSE_MS[0]! };
  if (error instanceof DomainError) return { error: { code: error.code, detail: detailOf(error) } };
  if (isDatabaseAway(error)) return { error: { code: 'database_away', detail: 'The database was away' } };
  return { error: { code: 'internal', detail: 'The job failed; the log holds the cause under the id of the run' } };
};

export const GAVE_UP: RunError = {
  code: 'gave_up',
  detail: `The process that ran it ended before the job did, ${MAX_CLAIMS} times`,
};

const detailOf = ({ message, errors }: DomainError): string =>
  [message, ...errors.map(({ pointer, detail }) => `${pointer} ${detail}`)].join('; ').slice(0, 1000);

export interface FailureSteps {
  /** Whether somebody is told. */
  readonly alert: boolean;
  readonly pause?: { readonly reason: string };
}

/** What so many failed runs in a row lead to. Told once, when the limit is reached, and when the schedule is paused. */
export const stepsAfterFailure = ({ alertAfter, pauseAfter }: FailurePolicy, failuresInRow: number): FailureSteps => {
  const pauses = pauseAfter !== undefined && failuresInRow >= pauseAfter;
  return {
    alert: failuresInRow === alertAfter || pauses,
    ...(pauses && { pause: { reason: `Paused after ${failuresInRow} failed runs in a row` } }),
  };
};
