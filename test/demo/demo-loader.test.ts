import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { DemoDashboards, DemoExamples, DemoLoader, DemoRemover, generateDemo } from '../../src/demo/index.js';
import { Clock } from '../../src/common/index.js';
import { AppConfig } from '../../src/config/index.js';
import { DemoLoadsRepository } from '../../src/demo/persistence/demo-loads.repository.js';
import { FAILURE_STATUSES, RunsService } from '../../src/executions/index.js';
import { ProjectsService } from '../../src/projects/index.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { servers } from '../support/servers.js';

const PLAN = { seed: 5, days: 20, now: new Date('2026-03-20T12:00:00Z') };
const demo = generateDemo(PLAN);
const expected = [...demo.runs];
const attempts = expected.reduce((sum, run) => sum + run.results.length, 0);

let app: TestApp;
let connection: Connection;
let databases = 0;

/** A machine that is new to each test: a database that is emptied under a service would have it remember what is gone. */
beforeEach(async () => {
  const mongodb = new URL(servers().mongodbUri);
  mongodb.pathname += `-${databases++}`;
  app = await startApp({ MONGODB_URI: mongodb.href });
  connection = app.app.get<Connection>(getConnectionToken());
}, 60_000);
afterEach(() => app.close());

const loader = (): DemoLoader => app.app.get(DemoLoader);
/** One whose process dies at its nth run. */
const dyingLoader = (runs: number): DemoLoader => {
  const service = app.app.get(RunsService);
  let left = runs;
  const dying = {
    create: (...args: Parameters<RunsService['create']>) =>
      left-- > 0 ? service.create(...args) : Promise.reject(new Error('killed')),
  } as unknown as RunsService;
  return new DemoLoader(
    app.app.get(DemoLoadsRepository),
    dying,
    app.app.get(ProjectsService),
    app.app.get(DemoDashboards),
    app.app.get(DemoExamples),
    app.app.get(AppConfig),
    app.app.get(Clock),
  );
};
const mark = () => connection.collection('demo_loads').findOne({});
const count = (name: string): Promise<number> => connection.collection(name).countDocuments({});
/** Names of the rule, the gate, the schedule and the channel. */
const examples = async (): Promise<string[]> => {
  const lists = ['/alerts', '/quality-gates', '/schedules', '/channels'].map(async (path) => {
    const { items } = (await app.get(path)).body;
    return items.map(({ name }: Loose) => name);
  });
  return (await Promise.all(lists)).flat();
};
const EXAMPLES = ['Failing tests of a suite', 'Demo gate', 'Weekly demo report', 'Demo inbox'];
const report = async (): Promise<Loose> => {
  const timeRange = { from: demo.truth.from, to: demo.truth.to, timeZone: 'UTC' };
  const answer = await app.post('/reports/generate', { type: 'summary', attempts: 'all', filter: { timeRange } });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
};

describe('the demo loader', () => {
  it('fills an empty database, and reports agree with the generator', async () => {
    expect(await loader().load(PLAN)).toBe('loaded');
    expect(await count('runs')).toBe(expected.length);
    expect(await count('results')).toBe(attempts);
    const failures = expected
      .flatMap((run) => run.results)
      .filter((result) => FAILURE_STATUSES.includes(result.status)).length;
    const { totals } = await report();
    expect(totals.executions).toBe(attempts);
    expect(Number(totals.failed) + Number(totals.broken) + Number(totals.timeout)).toBe(failures);
    const boards = (await app.get('/dashboards')).body.items;
    expect(boards).toHaveLength(4);
    const board = (await app.get('/dashboards/6650c0ffee6650c0ffee0004')).body;
    expect(board.widgets.filter(({ error }: Loose) => error)).toEqual([]);
    expect(await examples()).toEqual(EXAMPLES);
    expect(await loader().load(PLAN)).toBe('already there');
    expect(await count('results')).toBe(attempts);
    expect(await examples()).toEqual(EXAMPLES);
    await app.app.get(DemoExamples).ensure();
    expect(await examples()).toEqual(EXAMPLES);
  }, 90_000);

  it('leaves a database alone that holds anything', async () => {
    await connection.collection('projects').insertOne({ org: 'acme', key: 'theirs' });
    expect(await loader().load(PLAN)).toBe('not empty');
    expect(await mark()).toBeNull();
  });

  it('goes on where a killed process stopped, with the same runs', async () => {
    await expect(dyingLoader(30).load(PLAN)).rejects.toThrow('killed');
    expect(await count('runs')).toBeGreaterThanOrEqual(28);
    expect(await mark()).toMatchObject({ state: 'loading', done: 28 });
    // its claim runs out
    const until = new Date(Date.now() + 1_500);
    await connection.collection('demo_loads').updateOne({}, { $set: { until } });
    expect(await loader().load({ seed: 99, days: 3, now: new Date() })).toBe('loaded');
    expect(Date.now()).toBeGreaterThanOrEqual(until.getTime());
    expect(await count('dashboards')).toBe(4);
    expect(await examples()).toEqual(EXAMPLES);
    expect(await count('runs')).toBe(expected.length);
    expect(await count('results')).toBe(attempts);
    expect(await mark()).toMatchObject({ state: 'loaded', seed: PLAN.seed, done: expected.length });
  }, 90_000);

  it('is done by one of several that start at once', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => loader().load(PLAN)));
    expect(outcomes.sort()).toEqual(['already there', 'already there', 'loaded']);
    expect(await count('runs')).toBe(expected.length);
  }, 90_000);

  it('is removed for good', async () => {
    await loader().load({ ...PLAN, days: 4 });
    await app.app.get(DemoRemover).remove();
    expect(await count('results')).toBe(0);
    expect(await count('dashboards')).toBe(0);
    expect(await examples()).toEqual([]);
    expect((await report()).totals.executions).toBe(0);
    expect(await loader().load(PLAN)).toBe('not wanted');
  }, 90_000);
});
