import { expect } from '@jest/globals';
import type { TestApp } from '../support/app.js';
import { lastWednesday } from '../support/clock.js';

export const DAY_MS = 86_400_000;
/** What the clock of the application is set to. */
export const NOW = lastWednesday();
/** Midnight (UTC) of so many days before. */
export const daysAgo = (days: number): number => Math.floor(NOW.getTime() / DAY_MS) * DAY_MS - days * DAY_MS;

export interface Day {
  readonly passed: number;
  readonly failed: number;
  /** In ms. */
  readonly duration?: number;
}

/** One run per day at noon (today: at midnight), the last one today; null is a day without a run. */
export const postDays = async (api: TestApp, project: string, days: readonly (Day | null)[]): Promise<string[]> => {
  const ids: string[] = [];
  for (const [i, day] of days.entries()) {
    if (day === null) continue;
    const back = days.length - 1 - i;
    const startedAt = new Date(daysAgo(back) + (back === 0 ? 0 : DAY_MS / 2)).toISOString();
    const { passed, failed, duration = 100 } = day;
    const answer = await api.post('/runs', {
      project,
      externalId: `day-${i}`,
      branch: 'main',
      commit: i.toString(16).padStart(40, 'c'),
      startedAt,
      finishedAt: startedAt,
      metrics: { 'coverage.lines': 70 + i / 10 },
      results: Array.from({ length: passed + failed }, (_, k) => ({
        name: `test ${k}`,
        suite: 'all',
        status: k < passed ? 'passed' : 'failed',
        durationMs: duration + k,
      })),
    });
    expect(answer.status).toBe(201);
    ids.push(answer.body.runId as string);
  }
  return ids;
};

/** Every number in an answer is one: JSON would have made null of NaN, and no text says it. */
export const expectNoNaN = (body: unknown): void => {
  expect(JSON.stringify(body)).not.toMatch(/NaN|Infinity|undefined/);
};
