import type { Attempt, AttemptResult, DeliveryState } from './delivery.js';
import { nextAttemptAt, type RetryPolicy } from './retry.js';

/** What is written down after an attempt. */
export interface Settlement {
  readonly state: DeliveryState;
  /** Absent where nothing was tried. */
  readonly attempt?: Attempt;
  readonly reason?: string;
  /** When it is tried again. */
  readonly due?: Date;
}

/**
 * @param made attempts before this one, since the delivery was made or replayed
 * @param startedAt of this attempt
 */
export const settle = (
  result: AttemptResult,
  made: number,
  startedAt: Date,
  now: Date,
  policy: RetryPolicy,
  random: number,
): Settlement => {
  if (result.result === 'cancelled' || result.result === 'disabled')
    return { state: result.result, reason: result.reason };
  if (result.result === 'given_up') return { state: 'failed', reason: result.reason };
  const { responseCode } = result;
  const tried = {
    at: startedAt,
    latencyMs: Math.max(0, now.getTime() - startedAt.getTime()),
    ...(responseCode !== undefined && { responseCode }),
  };
  if (result.result === 'delivered') return { state: 'delivered', attempt: { ...tried, outcome: 'delivered' } };
  const failed = { ...tried, outcome: 'failed' as const, error: result.error };
  if (result.gone) return { state: 'disabled', attempt: failed, reason: result.error.detail };
  const due = result.permanent ? undefined : nextAttemptAt(made + 1, now, policy, random, result.retryAfterMs);
  if (!due) return { state: 'failed', attempt: failed, reason: result.error.detail };
  return { state: 'pending', attempt: { ...failed, nextAttemptAt: due }, due };
};
