import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SealerService, VerifyService } from '../../src/metrics/index.js';
import type { SealedDay } from '../../src/metrics/domain/seal.js';
import { SealedDaysRepository } from '../../src/metrics/persistence/sealed-days.repository.js';
import { collection } from '../executions/support.js';
import { startApp, type TestApp } from '../support/app.js';

let api: TestApp;
let sealed: SealedDaysRepository;
beforeAll(async () => {
  api = await startApp({}, 'api');
  sealed = api.app.get(SealedDaysRepository, { strict: false });
}, 60_000);
afterAll(() => api.close());

const PROJECT = '6650c0ffee6650c0ffee0001';
const DAY = 20_000;

/** As if that many rows lay in so many parts. */
const dayOf = (length: number, parts: number): SealedDay => {
  const block = Buffer.from([length]);
  return { length, totals: block, byDay: block, bySlot: block, rowParts: Array.from({ length: parts }, () => block) };
};
const write = (version: number, parts: number, day = DAY): Promise<void> =>
  sealed.write('demo', PROJECT, day, version, dayOf(version, parts));
const stored = async (day = DAY): Promise<object> => {
  const { day: document, rows } = await sealed.stored(PROJECT, day);
  return { v: document?.v, n: document?.n, rows: rows.map(({ v, part, of }) => [v, part, of]) };
};

describe('a day that two seal', () => {
  it('stays as it was sealed last, however late an earlier version comes', async () => {
    await write(1, 1);
    await write(3, 2);
    const newest = { v: 3, n: 3, rows: [0, 1].map((part) => [3, part, 2]) };
    expect(await stored()).toEqual(newest);
    for (const parts of [1, 2, 3]) {
      await write(2, parts);
      expect(await stored()).toEqual(newest);
    }
    await write(3, 2);
    expect(await stored()).toEqual(newest);
    await write(4, 1);
    expect(await stored()).toEqual({ v: 4, n: 4, rows: [[4, 0, 1]] });
  });

  it('is whole when both write the same version at once', async () => {
    for (let day = DAY + 1; day <= DAY + 20; day++) {
      await Promise.all([write(2, 3, day), write(2, 3, day), write(2, 3, day)]);
      expect(await stored(day)).toEqual({ v: 2, n: 2, rows: [0, 1, 2].map((part) => [2, part, 3]) });
    }
  });

  it('is what its runs say when it moved on while the slower one was about to write', async () => {
    const post = async (externalId: string): Promise<void> => {
      const results = [{ name: externalId, status: 'passed' }];
      const run = { project: 'web', externalId, startedAt: '2026-01-01T10:00:00Z', results };
      expect((await api.post('/runs', run)).status).toBe(201);
    };
    await post('first');
    const real = sealed.write.bind(sealed);
    sealed.write = async (...args) => {
      sealed.write = real;
      await post('second');
      await api.app.get(SealerService).sealAll();
      await real(...args);
    };
    await api.app.get(SealerService).sealAll();
    expect(await collection(api, 'Day').countDocuments({ dirty: true })).toBe(0);
    const report = await api.app.get(VerifyService).verify({ maxDifferences: 5 });
    expect(report).toMatchObject({ runs: 2, days: 1, unsealed: 0, differences: [] });
  });
});
