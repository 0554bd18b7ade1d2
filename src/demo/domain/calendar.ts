import type { Random } from './random.js';

export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
export const MONDAY = 1;

/** One CI build: a commit on a branch, tested at once by one or two runs (shards). */
export interface Build {
  readonly index: number;
  /** Day within the demo, 0 is the oldest. */
  readonly day: number;
  readonly at: number;
  readonly kind: 'ci' | 'scheduled' | 'manual';
  readonly branch: string;
  readonly pullRequest?: string;
  readonly environment: 'staging' | 'preprod';
  readonly triggeredBy: string;
  readonly commit: string;
  readonly commitAt: number;
  readonly shards: 1 | 2;
}

type Draft = Omit<Build, 'index' | 'commit' | 'commitAt' | 'shards'>;

const PEOPLE = ['ada', 'grace', 'edsger', 'barbara', 'linus'];
const TOPICS = ['wishlist', 'gift-cards', 'dark-mode', 'faster-search', 'new-footer', 'guest-checkout', 'audit-trail'];

export const weekdayOf = (at: number): number => new Date(at).getUTCDay();

const featureBranch = (day: number, random: Random): Pick<Draft, 'branch' | 'pullRequest'> => {
  const number = 400 + Math.floor(day / 4) * 2 + random.int(0, 1);
  return { branch: `feature/${TOPICS[number % TOPICS.length] ?? 'x'}-${number}`, pullRequest: String(number) };
};

const draft = (day: number, at: number, rest: Partial<Draft> & Pick<Draft, 'triggeredBy'>): Draft => ({
  day,
  at,
  kind: 'ci',
  branch: 'main',
  environment: 'staging',
  ...rest,
});

/** Weekdays have a nightly build and three or four of people's; a weekend day a nightly one and one release build. */
const draftsOfDay = (day: number, midnight: number, random: Random): Draft[] => {
  const at = (hour: number): number => midnight + Math.round((hour + random.between(0, 1.5)) * 60) * MINUTE_MS;
  const nightly = draft(day, at(1), { kind: 'scheduled', environment: 'preprod', triggeredBy: 'nightly' });
  const weekday = weekdayOf(midnight);
  if (weekday === 0 || weekday === 6)
    return [nightly, draft(day, at(10), { branch: 'release/next', triggeredBy: random.pick(PEOPLE) })];
  const drafts = [
    nightly,
    draft(day, at(8), { triggeredBy: random.pick(PEOPLE) }),
    draft(day, at(12), { triggeredBy: random.pick(PEOPLE), ...featureBranch(day, random) }),
    draft(day, at(16), { triggeredBy: random.pick(PEOPLE), kind: random.chance(0.08) ? 'manual' : 'ci' }),
  ];
  if (random.chance(0.3))
    drafts.push(draft(day, at(19), { triggeredBy: random.pick(PEOPLE), ...featureBranch(day, random) }));
  return drafts;
};

/** All builds of the demo, oldest first, none later than `lastStart` (epoch ms). Each has a commit of its own. */
export const planBuilds = (days: number, firstMidnight: number, lastStart: number, random: Random): Build[] =>
  Array.from({ length: days }, (_, day) => draftsOfDay(day, firstMidnight + day * DAY_MS, random.fork(day)))
    .flat()
    .filter((build) => build.at <= lastStart)
    .map((build, index) => {
      const own = random.fork(`build-${index}`);
      const commitAt = build.at - own.int(3, 40) * MINUTE_MS;
      return { ...build, index, commit: own.hex(40), commitAt, shards: own.chance(0.12) ? 2 : 1 };
    });
