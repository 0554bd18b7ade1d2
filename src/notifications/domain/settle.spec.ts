import { describe, expect, it } from '@jest/globals';
import { type AttemptResult, failedWith } from './delivery.js';
import { STANDARD_RETRIES } from './retry.js';
import { settle } from './settle.js';

const started = new Date('2026-03-01T12:00:00Z');
const now = new Date('2026-03-01T12:00:00.250Z');
const settled = (result: AttemptResult, made = 0) => settle(result, made, started, now, STANDARD_RETRIES, 0.5);
const down = failedWith('connection_failed', 'away');

describe('settle', () => {
  it('ends with a success', () => {
    expect(settled({ result: 'delivered', responseCode: 204 })).toEqual({
      state: 'delivered',
      attempt: { at: started, latencyMs: 250, responseCode: 204, outcome: 'delivered' },
    });
  });

  it('tries again, and says when', () => {
    const due = new Date(now.getTime() + 5_000);
    expect(settled(down)).toMatchObject({ state: 'pending', due, attempt: { outcome: 'failed', nextAttemptAt: due } });
  });

  it('gives up after the seventh attempt, and at once where no attempt can succeed', () => {
    expect(settled(down, 5).state).toBe('pending');
    expect(settled(down, 6)).toMatchObject({ state: 'failed', reason: 'away' });
    expect(settled(failedWith('target_not_allowed', 'no', { permanent: true }))).toMatchObject({ state: 'failed' });
  });

  it('heeds Retry-After', () => {
    const { due } = settled({ ...down, retryAfterMs: 60_000 } as AttemptResult);
    expect(due).toEqual(new Date(now.getTime() + 60_000));
  });

  it('is disabled by a receiver that is gone', () => {
    expect(settled({ ...down, gone: true } as AttemptResult)).toMatchObject({ state: 'disabled' });
  });

  it('leaves a dead letter where it is given up without another attempt', () => {
    expect(settled({ result: 'given_up', reason: 'too often' })).toEqual({ state: 'failed', reason: 'too often' });
  });

  it.each(['cancelled', 'disabled'] as const)('notes no attempt where it is %s', (result) => {
    expect(settled({ result, reason: 'because' })).toEqual({ state: result, reason: 'because' });
  });
});
