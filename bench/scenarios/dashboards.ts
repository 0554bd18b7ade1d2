import { repeat } from '../measure.js';
import { type Bench, p95Target, type Scenario } from '../scenario.js';
import { DAY_MS } from '../world.js';

interface Dashboard {
  readonly dashboardId: string;
  readonly widgets: readonly { readonly type: string; readonly error?: { readonly code: string } }[];
}

const WIDGETS: readonly (readonly [type: string, options: object])[] = [
  ['execution_summary', { compare: true }],
  ['trend_chart', { metrics: ['pass_rate'], period: 'day' }],
  ['status_breakdown', {}],
  ['suite_table', { top: 10 }],
  ['quality_heatmap', { top: 10 }],
  ['flaky_tests', { top: 10 }],
  ['failure_analysis', { top: 10 }],
  ['recent_executions', { top: 10 }],
];

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Dates without a zone: looked at in another zone they are another range, which nobody has asked for. */
export const dashboardOf = ({ world }: Bench): object => ({
  name: 'Bench',
  filter: {
    projects: ['web'],
    timeRange: { from: dateOf(world.options.end - 31 * DAY_MS), to: dateOf(world.options.end - DAY_MS) },
  },
  widgets: WIDGETS.map(([type, options]) => ({ id: type.replaceAll('_', '-'), type, options })),
});

const expectWhole = ({ widgets }: Dashboard): void => {
  const failed = widgets.filter(({ error }) => error);
  if (failed.length > 0) throw new Error(`widgets failed: ${JSON.stringify(failed)}`);
  if (widgets.length !== WIDGETS.length) throw new Error(`${widgets.length} widgets`);
};

export const dashboards: Scenario = {
  id: 'dashboards',
  run: async (bench) => {
    const { client, options } = bench;
    const body = dashboardOf(bench);
    const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/'));
    const { body: made } = await client.call<Dashboard>('/dashboards', { body });
    expectWhole(made);
    const path = `/dashboards/${made.dashboardId}`;
    const look = async (zone: string): Promise<number> => {
      const answer = await client.call<Dashboard>(`${path}?timeZone=${zone}`);
      expectWhole(answer.body);
      return answer.ms;
    };
    await look(zones.at(-1) ?? 'UTC');
    const cold = await repeat(options.repeats, (i) => look(zones[i % (zones.length - 1)] ?? 'UTC'));
    const cached = await repeat(options.repeats, () => look('UTC'));
    const { etag } = await client.call(path);
    const notModified = await repeat(options.repeats, async () => {
      const answer = await client.call(path, { headers: { 'if-none-match': etag ?? '' }, allow: [304] });
      if (answer.status !== 304) throw new Error(`a known dashboard was sent again (${answer.status})`);
      return answer.ms;
    });
    const created = await repeat(options.repeats, async () => (await client.call('/dashboards', { body })).ms);
    return [
      { title: 'dashboard with 8 widgets, cold', service: cold, targets: [p95Target(cold, 300)] },
      { title: 'dashboard with 8 widgets, cached', service: cached, targets: [p95Target(cached, 10)] },
      { title: 'dashboard with 8 widgets, 304', service: notModified, targets: [p95Target(notModified, 10)] },
      { title: 'create a dashboard, data known', service: created, targets: [p95Target(created, 50)] },
    ];
  },
};
