import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from './turns.js';

const PATIENCE_MS = 60;

describe('Turns', () => {
  it('lets as many in as there are places, and the next when one is given back', async () => {
    const turns = new Turns(2, 60_000);
    const log: string[] = [];
    const enter = async (key: string): Promise<() => void> => {
      const leave = await turns.take(key);
      log.push(key);
      return leave;
    };
    const leaveA = await enter('a');
    const leaveB = await enter('b');
    const c = enter('c');
    const d = enter('d');
    await sleep(10);
    expect(log).toEqual(['a', 'b']);
    leaveA();
    (await c)();
    expect(log.slice(0, 3)).toEqual(['a', 'b', 'c']);
    (await d)();
    leaveB();
    expect(log).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives one key one place, so that another need not wait for it', async () => {
    const turns = new Turns(2, 60_000);
    const first = await turns.take('a');
    const second = turns.take('a');
    (await turns.take('b'))();
    let isIn = false;
    void second.then(() => (isIn = true));
    await sleep(10);
    expect(isIn).toBe(false);
    first();
    (await second)();
  });

  it('sends away who has waited too long, and keeps no place for them', async () => {
    const turns = new Turns(1, PATIENCE_MS);
    const leave = await turns.take('a');
    await expect(turns.take('b')).rejects.toMatchObject({ kind: 'unavailable', code: 'import_busy' });
    leave();
    (await turns.take('c'))();
  });
});
