import type { RunRecord } from '../../executions/index.js';

export interface RunProgress {
  readonly done: number;
  readonly expected: number | null;
  readonly share: number | null;
  readonly perMinute: number | null;
  readonly estimatedFinishAt: string | null;
}

/**
 * How far a run is, as of what it last sent: it does not change while nothing comes in.
 * @param before tests of the run before it, if there is one
 */
export const progressOf = (
  { status, startedAt, updatedAt, totals }: Pick<RunRecord, 'status' | 'startedAt' | 'updatedAt' | 'totals'>,
  before: number | undefined,
): RunProgress => {
  const done = totals.executions;
  const expected = before === undefined || before === 0 ? null : before;
  const elapsedMs = updatedAt.getTime() - startedAt.getTime();
  const perMs = elapsedMs > 0 && done > 0 ? done / elapsedMs : null;
  const left = expected === null ? null : Math.max(0, expected - done);
  const running = status === 'running';
  return {
    done,
    expected,
    share: running ? (expected === null ? null : Math.min(1, done / expected)) : 1,
    perMinute: perMs === null ? null : perMs * 60_000,
    estimatedFinishAt:
      running && left !== null && perMs !== null ? new Date(updatedAt.getTime() + left / perMs).toISOString() : null,
  };
};
