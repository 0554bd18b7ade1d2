import { describe, expect, it } from '@jest/globals';
import { DomainError, invalid } from '../../common/index.js';
import { judgeFailure, stepsAfterFailure } from './failures.js';

describe('a failed try', () => {
  it('is the end when the job says so', () => {
    const error = invalid('query_too_broad', 'Too broad', [{ pointer: '/filter', detail: 'is too broad' }]);
    expect(judgeFailure(error, 1)).toEqual({
      error: { code: 'query_too_broad', detail: 'Too broad; /filter is too broad' },
    });
  });

  it('is followed by others while something is away, and by less and less of them', () => {
    const away = new DomainError('unavailable', 'analysis_busy', 'Busy');
    expect([1, 2].map((attempts) => judgeFailure(away, attempts))).toEqual([
      { retryInMs: 60_000 },
      { retryInMs: 300_000 },
    ]);
    expect(judgeFailure(away, 3)).toEqual({ error: { code: 'analysis_busy', detail: 'Busy' } });
  });

  it('keeps to itself what is not meant for people', () => {
    const bug = new TypeError('cannot read secret of undefined');
    expect(judgeFailure(bug, 1)).toEqual({ retryInMs: 60_000 });
    expect(JSON.stringify(judgeFailure(bug, 3))).not.toContain('secret');
    const away = Object.assign(new Error('x'), { name: 'MongoNetworkError' });
    expect(judgeFailure(away, 3)).toMatchObject({ error: { code: 'database_away' } });
  });
});

describe('failed runs in a row', () => {
  const steps = (policy: { alertAfter: number; pauseAfter?: number }, n: number) =>
    stepsAfterFailure({ channels: [], ...policy }, n);

  it('are told once', () => {
    expect([1, 2, 3].map((n) => steps({ alertAfter: 2 }, n))).toEqual([
      { alert: false },
      { alert: true },
      { alert: false },
    ]);
  });

  it('pause the schedule, and that is told too', () => {
    expect(steps({ alertAfter: 1, pauseAfter: 3 }, 2)).toEqual({ alert: false });
    expect(steps({ alertAfter: 1, pauseAfter: 3 }, 3)).toEqual({
      alert: true,
      pause: { reason: 'Paused after 3 failed runs in a row' },
    });
  });
});
