/** When a delivery that failed is tried again. */
export interface RetryPolicy {
  /** ms before each attempt, the first one included. */
  readonly delaysMs: readonly number[];
  /** Part of a delay by which it may be shorter or longer, 0..1: failures of one moment do not come back as one. */
  readonly jitter: number;
}

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];
/** A receiver may ask for patience, but not for ever: neither for one message nor for all that go to it. */
const LONGEST_RETRY_AFTER_MS = 24 * HOUR;

/** The schedule that Standard Webhooks recommends. */
export const STANDARD_RETRIES: RetryPolicy = {
  delaysMs: [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR],
  jitter: 0.1,
};

/**
 * undefined: it has been tried often enough.
 * @param made attempts so far, the failed one included
 * @param random 0..1
 * @param retryAfterMs what the receiver asked for
 */
export const nextAttemptAt = (
  made: number,
  now: Date,
  { delaysMs, jitter }: RetryPolicy,
  random: number,
  retryAfterMs = 0,
): Date | undefined => {
  const delay = delaysMs[made];
  if (delay === undefined) return undefined;
  const jittered = delay * (1 + jitter * (2 * random - 1));
  return new Date(now.getTime() + Math.max(jittered, retryAfterMs));
};

/** `Retry-After` in ms, a day at most: seconds, or an HTTP date. undefined for what is neither, or past. */
export const parseRetryAfter = (header: string | undefined, now: Date): number | undefined => {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * SECOND : Date.parse(header) - now.getTime();
  return ms > 0 ? Math.min(ms, LONGEST_RETRY_AFTER_MS) : undefined;
};
