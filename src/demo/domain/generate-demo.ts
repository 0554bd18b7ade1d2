import type { ResultInput, RunInput } from '../../executions/index.js';
import { type Build, DAY_MS, MONDAY, planBuilds } from './calendar.js';
import { buildCatalogue, type DemoTest, SUITES } from './catalogue.js';
import { Random } from './random.js';
import { runShard, type Shard, shardOf, WORKERS } from './results.js';
import { OUTAGE_SHARE, planStory, REFRESHED_EACH_MONDAY, type Story } from './story.js';
import type { DemoTruth, RunRef, TestKey } from './truth.js';

export const DEMO_ORGANIZATION = 'demo';
export const DEMO_PROJECT = 'demo';
const DURATION_GROWTH = 1.4;

export interface DemoOptions {
  readonly seed: number;
  /** How many UTC days, the day of `now` included. */
  readonly days: number;
  /** No run starts in the hour before it or later. */
  readonly now: Date;
}

export interface DemoRun {
  readonly run: RunInput;
  readonly results: readonly ResultInput[];
}

export interface Demo {
  readonly truth: DemoTruth;
  /** Oldest first; made as they are asked for, and the same at each pass. */
  readonly runs: Iterable<DemoRun>;
}

const externalIdOf = (build: Build, shard: number): string =>
  `build-${build.index + 1}${build.shards > 1 ? `-shard-${shard}` : ''}`;

const keyOf = ({ suite, name, parameters }: DemoTest): TestKey => ({ suite, name, ...(parameters && { parameters }) });

const figuresOf = (shard: Shard, tookMs: number, random: Random): Pick<RunInput, 'metrics' | 'resources'> => ({
  metrics: {
    'coverage.lines': Math.round((71 + 8 * shard.progress + random.between(-0.4, 0.4)) * 100) / 100,
    'cost.usd': Math.round((tookMs / 60_000) * WORKERS * 0.008 * 10_000) / 10_000,
  },
  resources: {
    cpuPercent: Math.round(random.between(55, 92)),
    memoryMb: Math.round(random.between(1_800, 2_600) * (1 + 0.1 * shard.progress)),
    diskIoMb: Math.round(random.between(200, 420)),
    networkIoMb: Math.round(random.between(60, 180)),
  },
});

const runOf = (shard: Shard, endAt: number, random: Random): RunInput => {
  const { build } = shard;
  const id = String(build.index + 1);
  return {
    project: DEMO_PROJECT,
    externalId: externalIdOf(build, shard.shard),
    build: { id: `build-${id}`, ...(build.shards > 1 && { shard: shard.shard, shards: build.shards }) },
    kind: build.kind,
    name: `${build.kind === 'scheduled' ? 'Nightly' : 'Build'} ${id}`,
    branch: build.branch,
    commit: build.commit,
    commitTime: new Date(build.commitAt).toISOString(),
    ...(build.pullRequest !== undefined && { pullRequest: build.pullRequest }),
    environment: build.environment,
    ci: { provider: 'gitlab', url: `https://ci.example.test/shop/builds/${id}`, job: 'test' },
    triggeredBy: build.triggeredBy,
    tags: build.kind === 'scheduled' ? ['nightly'] : [],
    attributes: { runner: 'linux-x64', node: '24' },
    startedAt: new Date(build.at).toISOString(),
    finishedAt: new Date(endAt).toISOString(),
    workers: WORKERS,
    ...figuresOf(shard, endAt - build.at, random),
  };
};

function* makeRuns(
  tests: readonly DemoTest[],
  builds: readonly Build[],
  story: Story,
  random: Random,
): Generator<DemoRun> {
  for (const build of builds) {
    for (let shard = 1; shard <= build.shards; shard++) {
      const own = random.fork(`${build.index}/${shard}`);
      const part = { build, shard, progress: build.index / builds.length, durationGrowth: DURATION_GROWTH };
      const { results, endAt } = runShard(story, tests, part, own);
      yield { run: runOf(part, endAt, own), results };
    }
  }
}

/** The run of a build that holds a test. */
const refOf = (build: Build, test = 0): RunRef => ({
  externalId: externalIdOf(build, shardOf(test, build)),
  commit: build.commit,
  startedAt: new Date(build.at),
});

const renamedOf = (tests: readonly DemoTest[], builds: readonly Build[], story: Story): DemoTruth['renamed'] => {
  const lives = [...story.lives];
  const from = lives.find(([, life]) => life.from === 0 && life.to < builds.length);
  const to = from && lives.find(([, life]) => life.from === from[1].to);
  const first = to && builds[to[1].from];
  if (!from || !to || !first) return undefined;
  return { from: keyOf(tests[from[0]]!), to: keyOf(tests[to[0]]!), firstRun: refOf(first, to[0]).externalId };
};

/** What the story says, in the words of a client: names, external ids and commits in place of positions. */
const tell = (
  options: DemoOptions,
  from: Date,
  tests: readonly DemoTest[],
  builds: readonly Build[],
  story: Story,
): DemoTruth => {
  const key = (index: number): TestKey => keyOf(tests[index]!);
  const ref = (index: number, test?: number): RunRef => refOf(builds[index]!, test);
  const { regression, outage } = story;
  const lives = [...story.lives];
  return {
    seed: options.seed,
    days: options.days,
    from,
    to: options.now,
    organization: DEMO_ORGANIZATION,
    project: DEMO_PROJECT,
    suites: SUITES.map((suite) => suite.path),
    tests: tests.map(keyOf),
    runs: builds.reduce((sum, build) => sum + build.shards, 0),
    flaky: [...story.flaky].map(([index, rate]) => ({ test: key(index), rate })),
    ...(regression && {
      regression: {
        tests: regression.tests.map(key),
        lastGood: ref(regression.culprit - 1),
        culprit: ref(regression.culprit),
        fix: ref(regression.fix),
      },
    }),
    ...(outage && {
      outage: {
        day: new Date(Math.floor(builds[outage.build]!.at / DAY_MS) * DAY_MS),
        run: ref(outage.build),
        failedShare: OUTAGE_SHARE,
      },
    }),
    season: { lagDays: 7, weekday: MONDAY, tests: REFRESHED_EACH_MONDAY },
    episodes: story.episodes.map(({ test, culprit, fix }) => ({
      test: key(test),
      culprit: ref(culprit, test),
      ...(fix !== undefined && { fix: ref(fix, test) }),
    })),
    renamed: renamedOf(tests, builds, story),
    added: lives.filter(([, life]) => life.from > 0).map(([index]) => key(index)),
    removed: lives.filter(([, life]) => life.to < builds.length).map(([index]) => key(index)),
    durationGrowth: DURATION_GROWTH,
  };
};

/**
 * A demo of so many days that ends at `now`: the same options give the same runs to the last digit. About 200 tests, four
 * builds a working day, two a weekend day; a year is about 260,000 results.
 */
export const generateDemo = (options: DemoOptions): Demo => {
  const random = new Random(`demo-${options.seed}`);
  const today = Math.floor(options.now.getTime() / DAY_MS) * DAY_MS;
  const first = today - (options.days - 1) * DAY_MS;
  const tests = buildCatalogue(random.fork('catalogue'));
  const builds = planBuilds(options.days, first, options.now.getTime() - 3_600_000, random.fork('builds'));
  const story = planStory(tests, builds, options.days, random.fork('story'));
  return {
    truth: tell(options, new Date(first), tests, builds, story),
    runs: { [Symbol.iterator]: () => makeRuns(tests, builds, story, random.fork('results')) },
  };
};
