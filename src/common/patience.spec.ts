import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextLook, setTimeout as sleep } from 'node:timers/promises';
import { withPatience } from './patience.js';

const late = (): Error => new Error('too late');
const never = new Promise<never>(() => undefined);

/** As a machine that is paused, or another computation, does it. */
const standStill = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
};

describe('withPatience', () => {
  it('gives the answer, or its error', async () => {
    expect(await withPatience(Promise.resolve(7), 10_000, late)).toBe(7);
    await expect(withPatience(Promise.reject(new Error('away')), 10_000, late)).rejects.toThrow('away');
  });

  it('gives up when none comes, and not before', async () => {
    const began = performance.now();
    await expect(withPatience(never, 100, late)).rejects.toThrow('too late');
    expect(performance.now() - began).toBeGreaterThan(80);
  });

  it('takes an answer that came while the process stood still', async () => {
    const answer = withPatience(nextLook('here'), 50, late);
    standStill(200);
    expect(await answer).toBe('here');
  });

  it('does not count the time in which the process stood still', async () => {
    const answer = withPatience(sleep(250, 'here'), 200, late);
    standStill(240);
    expect(await answer).toBe('here');
  });
});
