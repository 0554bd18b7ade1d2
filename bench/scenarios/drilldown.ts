import { timingOf } from '../measure.js';
import { type Bench, p95Target, type Row, type Scenario } from '../scenario.js';
import { DAY_MS } from '../world.js';
import { type Report, reportRequest } from './reports.js';

interface Drilldown {
  readonly level: string;
  readonly rows: readonly { readonly href?: string }[];
  readonly total: number;
}

const reportOf = async ({ client, world }: Bench, i: number): Promise<Report> => {
  const to = new Date(world.options.end - i * DAY_MS);
  const from = new Date(to.getTime() - 30 * DAY_MS);
  const body = reportRequest({ timeZone: 'UTC', interval: 'day', attempts: 'final', from, to });
  return (await client.call<Report>('/reports/generate', { body })).body;
};

/** Levels that are asked for across the way down. */
const ACROSS = ['day', 'cluster'];

/** From the top of a 30-day report down to the steps of an attempt, by another row each time. */
const wayDown = async (bench: Bench, i: number, note: (level: string, ms: number) => void): Promise<void> => {
  const { reportId } = await reportOf(bench, i);
  let href: string | undefined = `/reports/${reportId}/drilldown`;
  while (href !== undefined) {
    const { body, ms }: { body: Drilldown; ms: number } = await bench.client.call<Drilldown>(href);
    note(body.level, ms);
    href = body.rows[i % Math.max(1, body.rows.length)]?.href;
  }
  for (const level of ACROSS) {
    const { ms } = await bench.client.call(`/reports/${reportId}/drilldown?level=${level}`);
    note(level, ms);
  }
};

/** Every level is a row of the table. */
export const drilldown: Scenario = {
  id: 'drilldown',
  run: async (bench) => {
    const byLevel = new Map<string, number[]>();
    const note = (level: string, ms: number): void => void byLevel.set(level, [...(byLevel.get(level) ?? []), ms]);
    for (let i = 0; i < bench.options.repeats; i++) await wayDown(bench, i, note);
    return [...byLevel].map(([level, durations]): Row => {
      const service = timingOf(durations);
      return { title: `drill-down to ${level}`, service, targets: [p95Target(service, 100)] };
    });
  },
};
