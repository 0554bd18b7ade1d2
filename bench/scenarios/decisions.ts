import { repeat } from '../measure.js';
import { type Bench, p95Target, type Row, type Scenario } from '../scenario.js';
import { DAY_MS } from '../world.js';

const PROJECT = 'web';
/** Each is asked about once, so that no verdict is an old one. */
const BUILDS = 12;

/** Days that end i days before the last one: another question each time. */
const daysBefore = ({ world }: Bench, days: number, i: number): string => {
  const to = world.options.end - i * DAY_MS;
  const [from, until] = [to - days * DAY_MS, to].map((at) => new Date(at).toISOString());
  return new URLSearchParams({ from: from ?? '', to: until ?? '' }).toString();
};

const measureGet = async (bench: Bench, title: string, targetMs: number, path: (i: number) => string): Promise<Row> => {
  const ask = async (i: number): Promise<number> => (await bench.client.call(path(i))).ms;
  await repeat(2, (i) => ask(bench.options.repeats + i));
  const service = await repeat(bench.options.repeats, ask);
  return { title, service, targets: [p95Target(service, targetMs)] };
};

export const trends: Scenario = {
  id: 'trends',
  run: async (bench) => {
    // long series begin later each time: there is one year
    const range = (i: number): string => {
      const { start } = bench.world;
      const [from, to] = [start + i * 3_600_000, bench.world.options.end].map((at) => new Date(at).toISOString());
      return new URLSearchParams({ from: from ?? '', to: to ?? '' }).toString();
    };
    const path = (i: number): string => `/trends?metric=pass_rate&period=day&forecast=14&${range(i)}`;
    return [await measureGet(bench, 'trends with forecast, 365 d', 300, path)];
  },
};

export const ranking: Scenario = {
  id: 'quality',
  run: async (bench) => {
    const figures = (i: number): string => `/quality-metrics?projects=${PROJECT}&${daysBefore(bench, 30, i)}`;
    const tests = (i: number): string =>
      `/quality-metrics/tests?sort=flakiness&projects=${PROJECT}&${daysBefore(bench, 30, i)}`;
    return [
      await measureGet(bench, 'quality ranking of 4,000 tests, 30 d', 300, tests),
      { ...(await measureGet(bench, 'quality metrics of a project, 30 d', 300, figures)), targets: [] },
    ];
  },
};

/** Builds lie after the loaded year, so no report of the other rows counts them. */
export const gate: Scenario = {
  id: 'gate',
  run: async (bench) => {
    const { client, world } = bench;
    for (let i = 0; i < BUILDS; i++)
      for (const { run, results } of world.build(PROJECT, `gate-${i}`, world.options.end + i * 60_000))
        await client.call('/runs', { body: { ...run, results } });
    const service = await repeat(BUILDS, async (i) => {
      const answer = await client.call(`/builds/gate-${i}/gate?project=${PROJECT}`);
      return answer.ms;
    });
    return [{ title: 'gate of a build of 5,000 results', service, targets: [p95Target(service, 300)] }];
  },
};
