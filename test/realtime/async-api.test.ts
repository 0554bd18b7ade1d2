import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { Types } from 'mongoose';
import type { Socket } from 'socket.io-client';
import { RealtimeRooms } from '../../src/realtime/index.js';
import { collection } from '../executions/support.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { ask, collect, connected, feedRead, socketTo, until } from './support.js';

jest.setTimeout(240_000);

let app: TestApp;
let document: Loose;
const open: Socket[] = [];

const connect = async (auth?: Loose): Promise<Socket> => {
  const socket = socketTo(app.origin, auth ?? { token: await app.token() });
  open.push(socket);
  expect(await connected(socket)).toBeUndefined();
  return socket;
};

const newAjv = (): Ajv => new Ajv({ strict: false, allErrors: true, validateFormats: false });

/** Checks values against the schema of a message of a channel. */
const validator = (channel: string, message: string): ((value: unknown) => unknown) => {
  const { payload } = document.channels[channel].messages[message];
  const validate = newAjv().compile({ ...payload, components: document.components });
  return (value) => (validate(value) ? [] : validate.errors);
};

const refsIn = (value: Loose): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) =>
        key === '$ref' && typeof member === 'string' ? [member] : refsIn(member),
      )
    : [];

const resolves = (ref: string): boolean =>
  ref
    .slice(2)
    .split('/')
    .reduce<Loose>((at, part) => at?.[part], document) !== undefined;

beforeAll(async () => {
  app = await startApp();
  document = (await app.get('//docs/asyncapi.json', { token: null })).body;
  await feedRead(app);
});
afterAll(() => app.close());
afterEach(() => open.splice(0).forEach((socket) => socket.disconnect()));

describe('the AsyncAPI document', () => {
  it('is AsyncAPI 3, and every reference in it leads somewhere', () => {
    const validate = newAjv().compile(specs.schemasWithoutId['3.0.0'] as Loose);
    validate(document);
    expect(validate.errors ?? []).toEqual([]);
    const refs = refsIn(document);
    expect(refs.length).toBeGreaterThan(20);
    expect(refs.filter((ref) => !ref.startsWith('#/') || !resolves(ref))).toEqual([]);
  });

  it('describes each field, every room, and examples of the shape that they are for', () => {
    const bare = Object.entries<Loose>(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries<Loose>(properties).flatMap(([field, schema]) =>
        schema.description === undefined && schema.$ref === undefined ? [`${name}.${field}`] : [],
      ),
    );
    expect(bare).toEqual([]);
    expect(Object.keys(document.channels)).toEqual(expect.arrayContaining(['control', 'room.run']));
    for (const [channel, { messages }] of Object.entries<Loose>(document.channels))
      for (const [name, { examples = [] }] of Object.entries<Loose>(messages))
        for (const { payload } of examples)
          expect([channel, name, validator(channel, name)(payload)]).toEqual([channel, name, []]);
  });
});

describe('a live run', () => {
  it('sends what the document says', async () => {
    const started = await app.post('/runs', { project: 'web', externalId: 'documented', name: 'Documented' });
    const { runId } = started.body;
    const socket = await connect();
    const deltas = collect(socket, 'delta');
    const answer = await ask(socket, 'subscribe', { room: `run:${runId}` });
    expect(validator('control', 'subscribe.SnapshotAnswerDto')(answer)).toEqual([]);
    expect(validator('room.run', 'snapshot')(answer.snapshot)).toEqual([]);
    expect(answer.snapshot).toMatchObject({ status: 'running', name: 'Documented', totals: { attempts: 0 } });
    const error = { type: 'AssertionError', message: 'm'.repeat(1000) };
    const post = (results: Loose[]): Promise<Loose> => app.post(`/runs/${runId}/results`, { results });
    await post([{ name: 'one', suite: 's', status: 'passed', durationMs: 12 }]);
    // that the run was begun may come once more before it
    await until(() => deltas.at(-1)?.data.totals.attempts === 1, 'a tick');
    await post([
      { name: 'two', status: 'failed', error },
      { name: 'one', suite: 's', status: 'failed', attempt: 2 },
    ]);
    await app.post(`/runs/${runId}/finish`);
    await until(() => deltas.at(-1)?.type === 'run.finished', 'the end');
    for (const delta of deltas) expect(validator('room.run', delta.type)(delta)).toEqual([]);
    const { data } = deltas.at(-1);
    expect(data.totals).toEqual((await app.get(`/runs/${runId}`)).body.totals);
    expect(data.newest.map(({ name, attempt }: Loose) => `${name} ${attempt}`)).toEqual(['two 1', 'one 2', 'one 1']);
    expect(data.newest[0].message).toHaveLength(300);
    const result = await app.get(`/results/${data.newest[0].resultId}`);
    expect(result.body).toMatchObject({ status: 'failed', runId });
    const refused = await ask(socket, 'subscribe', { room: 'run:none' });
    expect(validator('control', 'subscribe.ProblemAnswerDto')(refused)).toEqual([]);
  });

  it('is nobody else’s', async () => {
    const { runId } = (await app.post('/runs', { project: 'web', externalId: 'ours' })).body;
    const room = `run:${runId}`;
    const codeFor = async (auth: Loose): Promise<unknown> =>
      (await ask(await connect(auth), 'subscribe', { room })).problem?.code;
    expect(await codeFor({ token: await app.token({ org: 'stranger' }) })).toBe('not_found');
    expect(await codeFor({ token: await app.token({ projects: ['app'] }) })).toBe('not_found');
    expect(await codeFor({ token: await app.token({ projects: ['web'], roles: ['viewer'] }) })).toBeUndefined();
    const key = await app.post('/api-keys', { name: 'blind', permissions: ['realtime:subscribe'] });
    expect(await codeFor({ token: key.body.key })).toBe('permission_missing');
  });

  it('tells that it was deleted to whom it looks at before that is told', async () => {
    const { runId } = (await app.post('/runs', { project: 'web', externalId: 'short-lived' })).body;
    const socket = await connect();
    const ended = collect(socket, 'room:dropped');
    expect((await ask(socket, 'subscribe', { room: `run:${runId}` })).problem).toBeUndefined();
    await collection(app, 'Run').updateOne({ _id: new Types.ObjectId(String(runId)) }, { $set: { state: 'deleted' } });
    await app.app.get(RealtimeRooms).reauthorise('run', runId);
    await until(() => ended.length > 0, 'the end');
    expect(ended[0].problem.code).toBe('run_deleted');
  });
});
