import { describe, expect, it } from '@jest/globals';
import { DemoLoader } from './demo-loader.js';
import type { DemoLoad, DemoLoadsRepository } from './persistence/demo-loads.repository.js';

type Loads = Pick<DemoLoadsRepository, 'find' | 'isDatabaseEmpty' | 'begin' | 'takeOver' | 'advance' | 'finish'>;

const NOW = new Date('2026-11-25T12:00:00Z');
const PLAN = { seed: 1, days: 2, now: NOW };
const byAnother = (state: DemoLoad['state']): DemoLoad => ({
  ...PLAN,
  ...{ state, done: 0, owner: 'another', until: new Date(NOW.getTime() + 10_000) },
});

/** A loader into whose database others write meanwhile: what it finds of the claim, look by look. */
const loaderThatFinds = (looks: (DemoLoad | undefined)[], more: Partial<Loads> = {}): DemoLoader => {
  const loads: Loads = {
    find: () => Promise.resolve(looks.length > 1 ? looks.shift() : looks[0]),
    isDatabaseEmpty: () => Promise.resolve(false),
    begin: () => Promise.resolve(false),
    takeOver: () => Promise.resolve(undefined),
    advance: () => Promise.resolve(true),
    finish: () => Promise.resolve(true),
    ...more,
  };
  const nothing = {
    ensure: () => Promise.resolve(),
    create: () => Promise.resolve(),
    resolve: () => Promise.resolve([]),
  };
  const clock = { now: () => NOW };
  const parts = [loads, nothing, nothing, nothing, nothing, {}, clock] as unknown;
  return new DemoLoader(...(parts as ConstructorParameters<typeof DemoLoader>));
};

describe('a demo loader among others', () => {
  it('leaves a database alone that holds something, and no claim', async () => {
    expect(await loaderThatFinds([undefined]).load(PLAN)).toBe('not empty');
  });

  it('does not take for something of others what one that began in that moment has brought', async () => {
    expect(await loaderThatFinds([undefined, byAnother('loaded')]).load(PLAN)).toBe('already there');
    const waits = loaderThatFinds([undefined, byAnother('loading'), byAnother('loading'), byAnother('loaded')]);
    expect(await waits.load(PLAN)).toBe('already there');
  });

  it('says that it has loaded it only where nobody has taken the rest over', async () => {
    const begins = { isDatabaseEmpty: () => Promise.resolve(true), begin: () => Promise.resolve(true) };
    expect(await loaderThatFinds([undefined], begins).load(PLAN)).toBe('loaded');
    const lost = { ...begins, finish: () => Promise.resolve(false) };
    expect(await loaderThatFinds([undefined, byAnother('loaded')], lost).load(PLAN)).toBe('already there');
  });
});
