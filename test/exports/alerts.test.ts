import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AlertsWorld, MINUTE } from '../alerts/support.js';
import type { Loose } from '../support/app.js';
import { exported, textOfPdf } from './support.js';

jest.setTimeout(400_000);

/** More than GET /alerts/instances/{id} has of a timeline. */
const COMMENTS = 60;

let world: AlertsWorld;
/** Instants between which something happened. */
const at: Record<'start' | 'firing' | 'within' | 'resolved' | 'between' | 'again' | 'over', number> = {
  ...{ start: 0, firing: 0, within: 0, resolved: 0, between: 0, again: 0, over: 0 },
};

/** One alert that was on twice, and one that was pending only: both are over by now. */
beforeAll(async () => {
  world = await AlertsWorld.start();
  world.reset();
  await world.run(60, { pays: 'passed' });
  await world.rule({ name: 'Twice', cooldownMinutes: 600 });
  const slow = await world.rule({ name: 'Slow', for: '4h' });
  at.start = world.now();
  await world.after(10);
  await world.run(5, { pays: 'failed' });
  const items = await world.until((all) => all.length === 2 && all[0]?.state === 'firing');
  const path = `/alerts/instances/${items[0].alertId}`;
  at.firing = world.now();
  await world.after(60);
  at.within = world.now();
  await world.after(60);
  await world.must('POST', `${path}/resolve`);
  await world.must('POST', `/alerts/${slow.ruleId}/disable`);
  await world.until((all) => all[0]?.state === 'inactive', '?states=inactive');
  at.resolved = world.now();
  await world.after(60);
  at.between = world.now();
  await world.after(600);
  await world.until((all) => all[0]?.state === 'firing' && all[0].episode === 2);
  at.again = world.now();
  for (let i = 0; i < COMMENTS; i++) await world.must('POST', `${path}/comments`, { text: `look ${i}` });
  await world.must('POST', `${path}/resolve`);
  at.over = world.now();
  await world.after(10);
});
afterAll(() => world.app.close());

const iso = (time: number): string => new Date(time).toISOString();
const ask = async (body: object): Promise<{ text: string; bytes: Buffer }> =>
  exported(world.app, body, { token: await world.app.token({ org: world.org }) });
const rowsOf = async (from: number, to: number, source: object = {}): Promise<Loose[]> => {
  const filter = { timeRange: { from: iso(from), to: iso(to) } };
  return JSON.parse((await ask({ source: { kind: 'alerts', ...source }, format: 'json', filter })).text).rows;
};

describe('alerts of a time that is over', () => {
  const named = async (from: number, to: number, source: object = {}): Promise<string[]> =>
    (await rowsOf(from, to, source)).map(({ rule, state }) => `${rule} ${state}`);

  it('are those that were on in it, whatever has become of them since', async () => {
    const [slow, twice] = ['Slow inactive', 'Twice resolved'];
    expect(await named(at.start, at.start + 5 * MINUTE)).toEqual([]);
    expect(await named(at.start, at.firing)).toEqual([twice, slow]);
    expect(await named(at.within, at.within + 5 * MINUTE)).toEqual([twice, slow]);
    expect(await named(at.within, at.resolved)).toEqual([twice, slow]);
    expect(await named(at.between, at.between + 30 * MINUTE)).toEqual([]);
    expect(await named(at.between, at.again)).toEqual([twice]);
    expect(await named(at.over, world.now())).toEqual([]);
    expect(await named(at.start, world.now())).toEqual([twice, slow]);
  });

  it('are only those that are in the states asked for now', async () => {
    expect(await named(at.start, at.resolved, { states: ['resolved'] })).toEqual(['Twice resolved']);
    expect(await named(at.start, at.resolved, { states: ['firing'] })).toEqual([]);
  });

  it('have all that happened to them then, with history', async () => {
    const happened = async (from: number, to: number): Promise<string[]> =>
      (await rowsOf(from, to, { history: true })).map(({ rule, entryKind, entryDetails }) =>
        [rule, entryKind, JSON.parse(entryDetails).to].filter((part) => part !== undefined).join(' '),
      );
    expect(await happened(at.start, at.firing)).toEqual(['Twice moved firing', 'Slow moved pending']);
    expect(await happened(at.within, at.resolved)).toEqual(['Twice moved resolved', 'Slow moved inactive']);
    expect(await happened(at.within, at.within + 5 * MINUTE)).toEqual([]);
    expect(await happened(at.between, at.again)).toEqual(['Twice moved firing']);
    expect(await happened(at.again, at.over)).toEqual([
      ...Array.from({ length: COMMENTS }, () => 'Twice commented'),
      'Twice moved resolved',
    ]);
  });

  it('are in a document as they are in the rows', async () => {
    const filter = { timeRange: { from: iso(at.start), to: iso(at.firing) } };
    const text = textOfPdf((await ask({ source: { kind: 'alerts' }, format: 'pdf', filter })).bytes);
    for (const part of ['Twice', 'Slow', 'resolved', 'inactive']) expect(text).toContain(part);
  });
});
