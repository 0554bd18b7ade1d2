import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { Slices } from './slices.js';

/** What `performance.now()` says: time goes by where a test says so, whatever else the machine has to do. */
let now = 0;
beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Computes for so long without a pause. */
const burn = (ms: number): void => {
  now += ms;
};

const compute = async (name: string, steps: number, log: string[]): Promise<void> => {
  const slices = new Slices();
  for (let step = 0; step < steps; step++) {
    burn(6);
    log.push(name);
    await slices.pause();
  }
};

describe('slices', () => {
  it('leave each turn of the event loop after one slice, however many compute', async () => {
    const log: string[] = [];
    let isOver = false;
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => compute(name, 6, log))).then(() => (isOver = true));
    let turn = 0;
    const seen: number[] = [];
    while (!isOver) {
      seen.push(log.length);
      turn++;
      await setImmediate();
    }
    await all;
    expect(log).toHaveLength(24);
    // after the first turn, in which each of them began
    const perTurn = seen.slice(1).map((count, i) => count - seen[i]!);
    expect(Math.max(...perTurn.slice(1))).toBe(1);
    expect(turn).toBeGreaterThan(20);
  });

  it('let a short computation pass a long one', async () => {
    const log: string[] = [];
    const long = compute('long', 30, log);
    for (let i = 0; i < 5; i++) await setImmediate();
    await compute('short', 3, log);
    expect(log.filter((name) => name === 'long').length).toBeLessThan(15);
    await long;
    expect(log).toHaveLength(33);
  });

  it('end at once where nothing takes long', async () => {
    const slices = new Slices();
    let turns = 0;
    const counting = (async () => {
      for (; turns < 3; turns++) await setImmediate();
    })();
    for (let i = 0; i < 100; i++) await slices.pause();
    expect(turns).toBeLessThan(3);
    await counting;
  });
});
