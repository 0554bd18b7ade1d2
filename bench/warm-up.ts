import type { Client } from './client.js';
import { reportRequest } from './scenarios/reports.js';
import { DAY_MS, type World } from './world.js';

const ROUNDS = 40;
const RANKINGS = 12;
const HALF_DAY_MS = DAY_MS / 2;

/**
 * Asks for reports and rankings until the process has compiled what it runs all the time: the rows "alone" are those of a service that has
 * been up for a while. How the first seconds feel is a row of the scenario `loaded`.
 */
export const warmUp = async (client: Client, { options: { end } }: World): Promise<void> => {
  for (let i = 0; i < ROUNDS; i++)
    for (const days of [30, 365]) {
      const [from, to] = [new Date(end - days * DAY_MS), new Date(end)];
      const request = reportRequest({ timeZone: 'UTC', interval: 'day', attempts: 'final', from, to });
      await client.call('/reports/generate', { body: { ...(request as object), name: `warm-up ${Date.now()} ${i}` } });
      await client.call('/health');
    }
  for (let i = 0; i < RANKINGS; i++) {
    const [from, to] = [31, 1].map((days) => new Date(end - (days + 20 * i) * DAY_MS + HALF_DAY_MS).toISOString());
    await client.call(`/quality-metrics/tests?${new URLSearchParams({ from: from ?? '', to: to ?? '' }).toString()}`);
  }
};
