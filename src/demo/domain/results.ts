import type { ResultInput, StepInput } from '../../executions/index.js';
import type { Build } from './calendar.js';
import { MONDAY, weekdayOf } from './calendar.js';
import type { DemoTest } from './catalogue.js';
import { makeFailure, type Failure, type FailureCause } from './failures.js';
import type { Random } from './random.js';
import type { Story } from './story.js';

export const WORKERS = 4;
const RETRIES = 2;
/** A run is given up early when the whole infrastructure is away: nothing is retried then. */
const RETRIED: ReadonlySet<FailureCause> = new Set(['flaky', 'regression', 'episode', 'refresh']);

export interface Shard {
  readonly build: Build;
  /** 1-based. */
  readonly shard: number;
  /** Position of the build in the demo, 0 to 1: durations grow with it. */
  readonly progress: number;
  readonly durationGrowth: number;
}

/** 1-based. */
export const shardOf = (test: number, build: Build): number => (test % build.shards) + 1;

const within = (window: { from: number; to: number } | undefined, build: number): boolean =>
  window !== undefined && build >= window.from && build < window.to;

/** Why every attempt of a test fails in a build, if it does. */
const standingCause = (story: Story, test: number, build: number): FailureCause | undefined => {
  if (story.outage?.build === build && story.outage.tests.has(test)) return 'outage';
  return story.windows.get(test)?.find((window) => within(window, build))?.cause;
};

const STEP_NAMES = ['open the page', 'sign in', 'fill the form', 'submit', 'check the message'];

/** Steps of an end-to-end test; the failing attempt stops at the step that failed. */
const makeSteps = (durationMs: number, failure: Failure | undefined, random: Random): StepInput[] => {
  const reached = failure ? random.int(1, STEP_NAMES.length) : STEP_NAMES.length;
  return STEP_NAMES.slice(0, reached).map((name, i): StepInput => {
    const step = { name, durationMs: Math.round(durationMs / reached) };
    if (!failure || i < reached - 1) return { ...step, status: 'passed' };
    return {
      ...step,
      status: failure.status,
      expected: 'the page answers',
      actual: failure.error.type,
      error: failure.error.message,
    };
  });
};

const durationOf = (test: DemoTest, shard: Shard, failure: Failure | undefined, random: Random): number => {
  const grown = 1 + (shard.durationGrowth - 1) * shard.progress;
  const monday = weekdayOf(shard.build.at) === MONDAY ? 1.08 : 1;
  const timeout = failure?.status === 'timeout' ? 2 : 1;
  return Math.round(test.medianMs * grown * monday * timeout * random.logNormal(0.12) * 1000) / 1000;
};

const attemptOf = (test: DemoTest, shard: Shard, attempt: number, failure: Failure | undefined, random: Random) => {
  const durationMs = durationOf(test, shard, failure, random);
  return {
    name: test.name,
    suite: test.suite,
    file: test.file,
    type: test.type,
    tags: test.tags,
    owner: test.owner,
    ...(test.parameters && { parameters: test.parameters }),
    status: failure?.status ?? 'passed',
    attempt,
    durationMs,
    ...(failure && { error: failure.error }),
    ...(test.type === 'e2e' && { steps: makeSteps(durationMs, failure, random) }),
  } satisfies ResultInput;
};

const attemptsOf = (story: Story, index: number, test: DemoTest, shard: Shard, random: Random): ResultInput[] => {
  const build = shard.build.index;
  if (within(story.skipped.get(index), build)) {
    const { name, suite, file, type, tags, owner, parameters } = test;
    return [{ name, suite, file, type, tags, owner, ...(parameters && { parameters }), status: 'skipped', attempt: 1 }];
  }
  const standing = standingCause(story, index, build);
  const attempts: ResultInput[] = [];
  for (let attempt = 1; attempt <= 1 + RETRIES; attempt++) {
    const cause = standing ?? (random.chance(story.flaky.get(index) ?? 0) ? 'flaky' : undefined);
    const failure = cause && makeFailure(cause, index, random);
    attempts.push(attemptOf(test, shard, attempt, failure, random));
    if (!cause || !RETRIED.has(cause)) break;
  }
  return attempts;
};

/** Hands each test to the worker that is free first, as a runner does. */
const schedule = (
  groups: readonly (readonly ResultInput[])[],
  startAt: number,
): { results: ResultInput[]; endAt: number } => {
  const freeAt = Array.from({ length: WORKERS }, () => startAt + 4_000);
  const results = groups.flatMap((attempts) => {
    const worker = freeAt.indexOf(Math.min(...freeAt));
    return attempts.map((result) => {
      const startedAt = new Date(freeAt[worker]!).toISOString();
      freeAt[worker]! += Math.ceil(result.durationMs ?? 0) + 2;
      return { ...result, startedAt, worker: `worker-${worker + 1}` };
    });
  });
  return { results, endAt: Math.max(...freeAt) };
};

/** Everything that one shard of a build reports, in the order of its start. `endAt` in epoch ms. */
export const runShard = (
  story: Story,
  tests: readonly DemoTest[],
  shard: Shard,
  random: Random,
): { results: ResultInput[]; endAt: number } => {
  const build = shard.build.index;
  const groups = tests.flatMap((test, index) => {
    const life = story.lives.get(index);
    const here = shardOf(index, shard.build) === shard.shard;
    return here && (life === undefined || within(life, build)) ? [attemptsOf(story, index, test, shard, random)] : [];
  });
  return schedule(random.shuffle(groups), shard.build.at);
};
