import { repeat } from '../measure.js';
import { type Bench, p95Target, type Scenario } from '../scenario.js';
import { DAY_MS } from '../world.js';
import { type Report, reportRequest } from './reports.js';

const requestOf = ({ world }: Bench): unknown =>
  reportRequest({
    timeZone: 'UTC',
    interval: 'day',
    attempts: 'final',
    from: new Date(world.options.end - 365 * DAY_MS),
    to: new Date(world.options.end),
  });

/** The second of two equal requests, and the one that already has its answer. */
export const cached: Scenario = {
  id: 'cached',
  run: async (bench) => {
    const { client, options } = bench;
    const body = requestOf(bench);
    // scores that are filled in later would change its tag in the middle of the measurement
    const complete = { ...(body as object), waitForScores: true };
    const { etag, body: report } = await client.call<Report>('/reports/generate', { body: complete });
    const fromCache = await repeat(options.repeats, async () => {
      const answer = await client.call<Report>('/reports/generate', { body });
      if (!answer.body.cached) throw new Error('a repeated report was computed again');
      return answer.ms;
    });
    const compressed = await repeat(options.repeats, async () => {
      const headers = { 'accept-encoding': 'gzip' };
      return (await client.call<Report>('/reports/generate', { body, headers })).ms;
    });
    const notModified = await repeat(options.repeats, async () => {
      const headers = { 'if-none-match': etag ?? '' };
      const answer = await client.call(`/reports/${report.reportId}`, { headers, allow: [304] });
      if (answer.status !== 304) throw new Error(`a known answer was sent again (${answer.status})`);
      return answer.ms;
    });
    return [
      { title: 'report 365 d, cached', service: fromCache, targets: [p95Target(fromCache, 10)] },
      { title: 'report 365 d, cached, gzip', service: compressed, targets: [] },
      { title: 'report 365 d, 304', service: notModified, targets: [p95Target(notModified, 10)] },
    ];
  },
};
