import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { DomainError, notFound } from '../../common/index.js';
import { provisional } from '../widgets/provisional.js';
import { type RunnerLimits, WidgetRunner } from './widget-runner.js';

const runnerOf = (limits: Partial<RunnerLimits> = {}): WidgetRunner =>
  new WidgetRunner({ timeoutMs: 5_000, atOnce: 2, keptBytes: 10_000, ...limits });

const gate = (): { opened: Promise<void>; open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
};

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(true));

describe('WidgetRunner', () => {
  it('computes once for one key, also for those who come meanwhile', async () => {
    const runner = runnerOf();
    const { opened, open } = gate();
    let computed = 0;
    const job = { key: 'a', compute: () => opened.then(() => ({ n: ++computed })) };
    const both = [runner.run(job), runner.run(job)];
    open();
    expect(await Promise.all(both)).toEqual([{ data: { n: 1 } }, { data: { n: 1 } }]);
    expect(await runner.run(job)).toEqual({ data: { n: 1 } });
    expect(await runner.run(job, true)).toEqual({ data: { n: 2 } });
    expect(await runner.run({ ...job, key: 'b' })).toEqual({ data: { n: 3 } });
  });

  it('gives a failure its code, and does not keep it', async () => {
    const runner = runnerOf();
    const failures = [
      notFound('Project'),
      new DomainError('unavailable', 'analysis_busy', 'busy'),
      new Error('secret'),
    ];
    const outcomes = [];
    for (const failure of failures)
      outcomes.push(await runner.run({ key: 'a', compute: () => Promise.reject(failure) }));
    expect(outcomes).toEqual([
      { error: { code: 'not_found', message: 'Project not found', retryable: false } },
      { error: { code: 'analysis_busy', message: 'busy', retryable: true } },
      { error: { code: 'internal', message: expect.not.stringContaining('secret'), retryable: true } },
    ]);
    expect(await runner.run({ key: 'a', compute: () => Promise.resolve({ n: 1 }) })).toEqual({ data: { n: 1 } });
  });

  it('gives what is provisional to all who wait for it, and does not keep it', async () => {
    const runner = runnerOf();
    let computed = 0;
    const job = { key: 'a', compute: () => Promise.resolve(provisional({ n: ++computed })) };
    expect(await Promise.all([runner.run(job), runner.run(job)])).toEqual([{ data: { n: 1 } }, { data: { n: 1 } }]);
    expect(await runner.run({ ...job, compute: () => Promise.resolve({ n: 2 }) })).toEqual({ data: { n: 2 } });
    expect(await runner.run(job)).toEqual({ data: { n: 2 } });
  });

  it('gives up what takes too long, and has it the next time', async () => {
    const runner = runnerOf({ timeoutMs: 5 });
    const { opened, open } = gate();
    const job = { key: 'slow', compute: () => opened.then(() => ({ n: 1 })) };
    expect(await runner.run(job)).toMatchObject({ error: { code: 'widget_timeout', retryable: true } });
    open();
    await opened;
    expect(await runner.run({ ...job, compute: () => Promise.reject(new Error('again')) })).toEqual({ data: { n: 1 } });
  });

  it('computes so many at a time, and gives every turn back', async () => {
    const runner = runnerOf();
    let [now, most] = [0, 0];
    const job = (i: number) => ({
      key: `k${i}`,
      compute: async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        if (i % 3 === 0) throw new Error('fails');
        return { i };
      },
    });
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => runner.run(job(i))));
    expect(most).toBe(2);
    expect(outcomes.filter((outcome) => 'data' in outcome)).toHaveLength(13);
  });
});
