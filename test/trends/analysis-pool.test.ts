import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findMetric } from '../../src/metrics/index.js';
import { AnalysisPool } from '../../src/trends/analysis/analysis-pool.js';
import { analyseTask, type AnalysisTask } from '../../src/trends/analysis/analysis-task.js';
import { ensureBuilt, ROOT } from '../support/process.js';

let pool: AnalysisPool;

const taskOf = (shift: number): AnalysisTask => ({
  metric: { kind: 'rate', unit: 'ratio', goodDirection: findMetric('pass_rate')!.goodDirection },
  period: 'day',
  values: Array.from({ length: 365 }, (_, i) => (i % 50 === 3 ? null : 0.9 + 0.05 * Math.sin(i * i + shift))),
  n: Array.from({ length: 365 }, () => 500),
  cycles: [{ name: 'sprint', lag: 14 }],
  horizon: 14,
});

/** More than a thread gets through before it is ended, however late that is. */
const endless = (): AnalysisTask => {
  const length = 400_000;
  const values = Array.from({ length }, (_, i) => 0.9 + 0.05 * Math.sin(i * i));
  return { ...taskOf(0), values, n: values.map(() => 500) };
};

beforeAll(async () => {
  await ensureBuilt();
  pool = AnalysisPool.of(pathToFileURL(join(ROOT, 'dist/trends/analysis/analysis.worker.js')));
}, 300_000);
afterAll(() => pool.onModuleDestroy());

describe('AnalysisPool', () => {
  it('answers on its threads what the same analysis answers here', async () => {
    expect(await pool.analyse(taskOf(0))).toEqual(analyseTask(taskOf(0)));
  });

  it('serves many at once, each with its own answer, and takes the work off the thread that asks', async () => {
    const [own, all] = [process.threadCpuUsage(), process.cpuUsage()];
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => pool.analyse(taskOf(i))));
    expect(process.threadCpuUsage(own).user).toBeLessThan(0.2 * process.cpuUsage(all).user);
    answers.forEach(({ summary }, i) => {
      const values = taskOf(i).values.filter((x) => x !== null);
      expect(summary).toMatchObject({ n: values.length, maximum: Math.max(...values) });
    });
  });

  it('rejects what was under way when it is closed, and what comes after', async () => {
    const closing = AnalysisPool.of(pathToFileURL(join(ROOT, 'dist/trends/analysis/analysis.worker.js')));
    const task = closing.analyse(endless());
    const outcome = expect(task).rejects.toThrow();
    await closing.onModuleDestroy();
    await outcome;
    await expect(closing.analyse(taskOf(1))).rejects.toMatchObject({ code: 'analysis_busy' });
  });
});
