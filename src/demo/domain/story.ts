import type { Build } from './calendar.js';
import { MONDAY, weekdayOf } from './calendar.js';
import type { DemoTest } from './catalogue.js';
import type { FailureCause } from './failures.js';
import type { Random } from './random.js';

const FLAKE_RATES = [0.08, 0.12, 0.16, 0.22, 0.28, 0.35];
const REGRESSED = 12;
const EPISODES_A_YEAR = 18;
/** Wide enough apart that no test fails on two Mondays of one quarter, or it would look flaky. */
export const REFRESHED_EACH_MONDAY = 9;
export const OUTAGE_SHARE = 0.88;

/** Builds `from` (included) to `to` (excluded) in which a test fails in every attempt. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly cause: FailureCause;
}

/** Who fails when, by the index of a test in the catalogue and of a build in the plan. */
export interface Story {
  readonly flaky: ReadonlyMap<number, number>;
  readonly windows: ReadonlyMap<number, readonly Window[]>;
  readonly regression?: { readonly tests: readonly number[]; readonly culprit: number; readonly fix: number };
  readonly outage?: { readonly build: number; readonly tests: ReadonlySet<number> };
  readonly episodes: readonly { readonly test: number; readonly culprit: number; readonly fix?: number }[];
  /** Builds in which a test exists, where that is not all of them. */
  readonly lives: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
  readonly skipped: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
}

interface Roles {
  readonly flaky: readonly number[];
  readonly regressed: readonly number[];
  readonly episodic: readonly number[];
  readonly removed: readonly number[];
  readonly added: readonly number[];
  readonly skipped: readonly number[];
  readonly refreshed: readonly number[];
}

/** Gives every test at most one role, so that nothing but the flaky ones alternates. */
const castRoles = (tests: readonly DemoTest[], random: Random): Roles => {
  const order = random.shuffle(tests.map((_, index) => index));
  const take = (n: number, fits: (test: DemoTest) => boolean = () => true): number[] => {
    const taken = order.filter((index) => fits(tests[index]!)).slice(0, n);
    for (const index of taken) order.splice(order.indexOf(index), 1);
    return taken;
  };
  const removed = take(2);
  const renamedSuite = tests[removed[0]!]!.suite;
  return {
    removed,
    added: [...take(1, (test) => test.suite === renamedSuite), ...take(3)],
    flaky: take(FLAKE_RATES.length, (test) => test.type === 'e2e' || test.type === 'integration'),
    regressed: take(REGRESSED, (test) => test.suite.startsWith('checkout/')),
    episodic: take(EPISODES_A_YEAR + 1),
    skipped: take(3),
    refreshed: order,
  };
};

const isCandidate = (build: Build): boolean => build.branch === 'main' && build.kind === 'ci' && build.shards === 1;

/** First suitable build on or after a day; a regression must not begin, end or hide in a Monday's noise. */
const buildOnOrAfter = (builds: readonly Build[], day: number): Build | undefined =>
  builds.find((build) => build.day >= day && isCandidate(build) && weekdayOf(build.at) !== MONDAY);

const daysBack = (days: number, wanted: number, share: number): number =>
  days >= 180 ? days - wanted : Math.floor(days * share);

const planRegression = (builds: readonly Build[], days: number, tests: readonly number[]): Story['regression'] => {
  if (days < 14) return undefined;
  const start = daysBack(days, 54, 0.5);
  const culprit = buildOnOrAfter(builds, start);
  const fix = culprit && buildOnOrAfter(builds, culprit.day + Math.max(2, Math.min(6, Math.round(days / 20))));
  return culprit && fix ? { tests, culprit: culprit.index, fix: fix.index } : undefined;
};

const planOutage = (builds: readonly Build[], days: number, tests: number, random: Random): Story['outage'] => {
  if (days < 14) return undefined;
  const build = buildOnOrAfter(builds, daysBack(days, 101, 0.3));
  if (!build) return undefined;
  const order = random.shuffle(Array.from({ length: tests }, (_, index) => index));
  return { build: build.index, tests: new Set(order.slice(0, Math.round(tests * OUTAGE_SHARE))) };
};

/** One test breaks, is fixed some builds later; spread over the time, and the last one is still open. */
const planEpisodes = (builds: readonly Build[], days: number, tests: readonly number[], random: Random) => {
  const count = Math.min(tests.length - 1, Math.floor((days * EPISODES_A_YEAR) / 365));
  const closed = tests.slice(0, count).flatMap((test, position) => {
    const at = Math.floor(((position + random.between(0.1, 0.7)) / count) * (builds.length - 30));
    const fix = at + random.int(3, 12);
    return at > 8 && fix < builds.length - 10 ? [{ test, culprit: at, fix }] : [];
  });
  const last = tests.at(-1);
  if (last === undefined || builds.length < 40) return closed;
  return [...closed, { test: last, culprit: builds.length - 9 }];
};

/** Each Monday the test data is refreshed and some tests find none: another group each week, in turn. */
const planRefreshes = (builds: readonly Build[], tests: readonly number[]): [number, Window][] => {
  const mondays = new Map<number, Build[]>();
  for (const build of builds.filter(({ at }) => weekdayOf(at) === MONDAY))
    mondays.set(build.day, [...(mondays.get(build.day) ?? []), build]);
  return [...mondays.values()].flatMap((ofDay, week) =>
    Array.from({ length: REFRESHED_EACH_MONDAY }, (_, i): [number, Window] => [
      tests[(week * REFRESHED_EACH_MONDAY + i) % tests.length]!,
      { from: ofDay[0]!.index, to: ofDay.at(-1)!.index + 1, cause: 'refresh' },
    ]),
  );
};

const collectWindows = (entries: readonly [number, Window][]): Map<number, Window[]> => {
  const windows = new Map<number, Window[]>();
  for (const [test, window] of entries) windows.set(test, [...(windows.get(test) ?? []), window]);
  return windows;
};

/** Decides everything that is worth knowing about the demo; the results only carry it out. */
export const planStory = (
  tests: readonly DemoTest[],
  builds: readonly Build[],
  days: number,
  random: Random,
): Story => {
  const roles = castRoles(tests, random.fork('roles'));
  const regression = planRegression(builds, days, roles.regressed);
  const episodes: Story['episodes'] = planEpisodes(builds, days, roles.episodic, random.fork('episodes'));
  const end = builds.length;
  const middle = Math.floor(end * 0.6);
  const [renamedFrom = 0, dropped = 0] = roles.removed;
  const [renamedTo = 0, ...added] = roles.added;
  return {
    flaky: new Map(roles.flaky.map((test, i) => [test, FLAKE_RATES[i]!])),
    regression,
    outage: planOutage(builds, days, tests.length, random.fork('outage')),
    episodes,
    windows: collectWindows([
      ...planRefreshes(builds, roles.refreshed),
      ...episodes.map((e): [number, Window] => [e.test, { from: e.culprit, to: e.fix ?? end, cause: 'episode' }]),
      ...(regression?.tests.map((test): [number, Window] => [
        test,
        { from: regression.culprit, to: regression.fix, cause: 'regression' },
      ]) ?? []),
    ]),
    lives: new Map([
      [renamedFrom, { from: 0, to: middle }],
      [renamedTo, { from: middle, to: end }],
      [dropped, { from: 0, to: Math.floor(end * 0.8) }],
      ...added.map((test, i): [number, { from: number; to: number }] => [
        test,
        { from: Math.max(0, end - 3 - i * 40), to: end },
      ]),
    ]),
    skipped: new Map(
      roles.skipped.map((test, i) => [test, { from: Math.floor((end * i) / 4), to: Math.floor((end * (i + 2)) / 4) }]),
    ),
  };
};
