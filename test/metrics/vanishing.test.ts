import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemScope } from '../../src/common/index.js';
import { CommitHookRegistry } from '../../src/executions/index.js';
import {
  countsOf,
  MetricsService,
  SealerService,
  type MetricAnswer,
  type MetricQuery,
} from '../../src/metrics/index.js';
import { RunSummariesRepository } from '../../src/metrics/persistence/run-summaries.repository.js';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
/** A node that has not read the projects of a test before the test makes it do so. */
let other: TestApp;
beforeAll(async () => {
  app = await startApp({}, 'api');
  other = await startApp({}, 'api');
}, 60_000);
afterAll(async () => {
  await app.close();
  await other.close();
});

const scope = systemScope('demo');
const queryOf = (project: string): MetricQuery => ({
  filter: { projects: [project] },
  range: { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-03T00:00:00Z'), timeZone: 'UTC' },
  interval: 'day',
  attempts: 'final',
});
const ask = (node: TestApp, project: string): Promise<MetricAnswer> =>
  node.app.get(MetricsService).query(scope, queryOf(project));
const executionsOf = ({ totals }: MetricAnswer): number => countsOf(totals).executions;

/** Two runs on two days, one with three results and one with one. @returns the first */
const postRuns = async (project: string): Promise<string> => {
  const at = (day: number, name: string): object => ({
    name,
    status: 'passed',
    startedAt: `2026-01-0${day}T10:00:00Z`,
  });
  const post = async (externalId: string, results: readonly object[]): Promise<string> => {
    const run = { project, externalId, startedAt: '2026-01-01T10:00:00Z', results };
    return (await app.post('/runs', run)).body.runId;
  };
  const runId = await post('leaves', [at(1, 'a'), at(1, 'b'), at(2, 'c')]);
  await post('stays', [at(1, 'a')]);
  return runId;
};

/** Deletes a run, and does something while it has left the summaries and is still in the log. */
const whileLeaving = async (runId: string, work: () => Promise<void>): Promise<void> => {
  const registry = app.app.get(CommitHookRegistry);
  const real = registry.require();
  registry.register({
    summarise: (...args) => real.summarise(...args),
    freeze: async (...args) => {
      await real.freeze(...args);
      await work();
    },
  });
  try {
    expect((await app.request('DELETE', `/runs/${runId}`)).status).toBe(204);
  } finally {
    registry.register(real);
  }
};

/** What was answered stays what a drill-down says, and adds up with what was removed. */
const expectStands = async (project: string, answer: MetricAnswer): Promise<void> => {
  const metrics = app.app.get(MetricsService);
  const asOf = { position: answer.asOf, pins: answer.pins };
  expect((await metrics.queryAsOf(scope, queryOf(project), asOf)).rows).toEqual(answer.rows);
  expect(await metrics.removedIn(scope, queryOf(project), asOf)).toEqual({ deleted: 3, expired: 0 });
};

describe('a report that is made while a run is deleted', () => {
  it.each(['open', 'sealed'] as const)('still has the run, on days that are %s', async (state) => {
    const project = `leaving-${state}`;
    const runId = await postRuns(project);
    if (state === 'sealed') await app.app.get(SealerService).sealAll();
    expect(executionsOf(await ask(app, project))).toBe(4);
    const during: MetricAnswer[] = [];
    await whileLeaving(runId, async () => {
      during.push(await ask(app, project));
      // by now the days look as if there was nothing left to wait for
      await app.app.get(SealerService).sealAll();
      during.push(await ask(app, project), await ask(other, project), await ask(other, project));
    });
    expect(during.map(executionsOf)).toEqual([4, 4, 4, 4]);
    for (const answer of during) await expectStands(project, answer);
    for (const node of [app, other]) expect(executionsOf(await ask(node, project))).toBe(1);
    await app.app.get(SealerService).sealAll();
    for (const node of [app, other]) expect(executionsOf(await ask(node, project))).toBe(1);
  });

  it('still has it when that is over before its days were read', async () => {
    const runId = await postRuns('left');
    const summaries = app.app.get(RunSummariesRepository, { strict: false });
    const real = summaries.headsOfDays.bind(summaries);
    summaries.headsOfDays = async (...args) => {
      summaries.headsOfDays = real;
      await other.request('DELETE', `/runs/${runId}`);
      return real(...args);
    };
    const answer = await ask(app, 'left');
    expect(executionsOf(answer)).toBe(4);
    await expectStands('left', answer);
    expect(executionsOf(await ask(app, 'left'))).toBe(1);
  });
});
