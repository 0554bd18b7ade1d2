import type { ResultInput, ResultStatus, RunInput, StepInput } from '../src/executions/index.js';
import { Random } from '../src/demo/domain/random.js';

export const DAY_MS = 86_400_000;
export const ORGANIZATION = 'bench';
const DAYS = 365;
const BUILD_SHARD = 1000;
const SUITES = 20;
const BRANCHES = ['main', 'main', 'main', 'develop', 'release/7'];
const ENVIRONMENTS = ['staging', 'staging', 'preprod', 'production'];
const USERS = ['ada', 'grace', 'edsger', 'barbara', 'nightly'];
const TAG_SETS: readonly (readonly string[])[] = [[], [], ['regression'], ['smoke'], ['regression', 'slow']];
const TYPES = ['unit', 'integration', 'api', 'e2e'];

export interface ProjectSpec {
  readonly key: string;
  readonly tests: number;
  /** Part of all runs. */
  readonly share: number;
}

export const PROJECTS: readonly ProjectSpec[] = [
  { key: 'web', tests: 4000, share: 0.6 },
  { key: 'api', tests: 1000, share: 0.25 },
  { key: 'mobile', tests: 1000, share: 0.15 },
];

export interface WorldOptions {
  readonly results: number;
  readonly seed: number;
  /** UTC midnight after the last day of data, epoch ms. */
  readonly end: number;
  /** So many runs for each one there would be, alike in all but their results: more of them in the same groups. */
  readonly copies: number;
}

export interface WorldRun {
  readonly run: RunInput;
  readonly results: readonly ResultInput[];
}

interface TestSpec {
  readonly base: Pick<ResultInput, 'name' | 'suite' | 'file' | 'type' | 'tags' | 'owner'>;
  readonly medianMs: number;
  readonly failureRate: number;
}

const makeTests = (project: ProjectSpec, random: Random): TestSpec[] =>
  Array.from({ length: project.tests }, (_, index) => {
    const suite = Math.floor((index * SUITES) / project.tests);
    const type = TYPES[suite % TYPES.length] ?? 'unit';
    const path = `${project.key}/area-${Math.floor(suite / 4)}/suite-${suite}`;
    return {
      base: {
        name: `test ${index} does what it says`,
        suite: path,
        file: `test/${path}.spec.ts`,
        type,
        tags: random.pick(TAG_SETS),
        owner: `team-${suite % 5}`,
      },
      medianMs: 5 * Math.pow(800, random.next()),
      failureRate: random.chance(0.01) ? random.between(0.05, 0.3) : 0.012,
    };
  });

const FAILURES: readonly Extract<ResultStatus, 'failed' | 'broken' | 'timeout'>[] = [
  'failed',
  'failed',
  'broken',
  'timeout',
];

const errorOf = (status: ResultStatus, test: TestSpec, random: Random): ResultInput['error'] => ({
  type: status === 'failed' ? 'AssertionError' : 'Error',
  message: `expected ${random.int(1, 999)} to equal ${random.int(1, 999)} in ${test.base.type ?? ''}`,
  stack: `Error: something\n    at check (/builds/${random.int(1, 9999)}/src/${test.base.suite ?? ''}.ts:${random.int(1, 40)}:7)`,
});

const stepsOf = (status: ResultStatus, durationMs: number): StepInput[] => [
  { name: 'open', status: 'passed', durationMs: Math.round(durationMs / 2) },
  { name: 'check', status, durationMs: Math.round(durationMs / 2) },
];

const attemptsOf = (test: TestSpec, startAt: number, random: Random): ResultInput[] => {
  const attempts: ResultInput[] = [];
  let at = startAt;
  for (let attempt = 1; attempt <= 2; attempt++) {
    const failed = random.chance(attempt === 1 ? test.failureRate : 0.4);
    const status: ResultStatus = failed ? random.pick(FAILURES) : random.chance(0.01) ? 'skipped' : 'passed';
    const durationMs = Math.round(test.medianMs * random.logNormal(0.3) * 1000) / 1000;
    attempts.push({
      ...test.base,
      status,
      attempt,
      startedAt: new Date(at).toISOString(),
      ...(status !== 'skipped' && { durationMs }),
      ...(failed && { error: errorOf(status, test, random) }),
      ...(test.base.type === 'e2e' && attempt === 1 && { steps: stepsOf(status, durationMs) }),
    });
    at += Math.ceil(durationMs) + 1;
    if (!failed) break;
  }
  return attempts;
};

/** Tests of a run: the next slice of the project's list, as shards of whole suites do. */
const sliceOf = (tests: readonly TestSpec[], ordinal: number, size: number): TestSpec[] => {
  const start = (ordinal * size) % tests.length;
  return tests.slice(start, start + size);
};

/** The same runs for the same options, oldest first; each pass makes them anew. */
export class World {
  readonly start: number;
  private readonly runSize: number;
  private readonly runs: number;
  private readonly random: Random;
  private readonly tests: ReadonlyMap<string, readonly TestSpec[]>;

  constructor(readonly options: WorldOptions) {
    this.start = options.end - DAYS * DAY_MS;
    const results = options.results / options.copies;
    this.runSize = Math.max(50, Math.min(1000, Math.round(results / 5000)));
    this.runs = Math.ceil(results / (this.runSize * 1.014));
    this.random = new Random(`bench-${options.seed}`);
    this.tests = new Map(PROJECTS.map((project) => [project.key, makeTests(project, this.random.fork(project.key))]));
  }

  get runCount(): number {
    return this.runs * this.options.copies;
  }

  *[Symbol.iterator](): Generator<WorldRun> {
    const ordinals = new Map<string, number>();
    for (let index = 0; index < this.runs; index++) {
      const random = this.random.fork(index);
      const draw = random.next();
      const key = draw < 0.6 ? 'web' : draw < 0.85 ? 'api' : 'mobile';
      const ordinal = ordinals.get(key) ?? 0;
      ordinals.set(key, ordinal + 1);
      yield* this.makeRuns(index, key, ordinal, random);
    }
  }

  /** A build of a project after the loaded year: all its tests, and the first of them in a second browser, in shards of 1,000. */
  *build(project: string, id: string, startAt: number): Generator<WorldRun> {
    const random = this.random.fork(`build-${id}`);
    const tests = this.tests.get(project) ?? [];
    const commit = random.hex(40);
    const shards = Math.ceil(tests.length / BUILD_SHARD) + 1;
    for (let shard = 1; shard <= shards; shard++) {
      const second = shard === shards;
      const part = second ? tests.slice(0, BUILD_SHARD) : tests.slice((shard - 1) * BUILD_SHARD, shard * BUILD_SHARD);
      const results = part.flatMap((test) => attemptsOf(test, startAt, random));
      const run: RunInput = {
        project,
        externalId: `${id}-${shard}`,
        build: { id, shard, shards },
        branch: 'feature/bench',
        commit,
        environment: 'staging',
        startedAt: new Date(startAt).toISOString(),
        finishedAt: new Date(startAt + 900_000).toISOString(),
      };
      yield {
        run,
        results: second ? results.map((result) => ({ ...result, parameters: { browser: 'firefox' } })) : results,
      };
    }
  }

  private *makeRuns(index: number, project: string, ordinal: number, random: Random): Generator<WorldRun> {
    const spacing = (DAYS * DAY_MS - 3_600_000) / this.runs;
    const startAt = Math.floor(this.start + (index + random.next() * 0.8) * spacing);
    const tests = sliceOf(this.tests.get(project) ?? [], ordinal, this.runSize);
    const length = random.int(12, 25) * 60_000;
    const draw = (source: Random): ResultInput[] =>
      tests.flatMap((test, i) => attemptsOf(test, startAt + Math.floor((i * length) / tests.length), source));
    const results = draw(random);
    const run: RunInput = {
      project,
      externalId: `${project}-${ordinal}`,
      build: { id: `${project}-build-${ordinal}` },
      kind: 'ci',
      branch: random.pick(BRANCHES),
      commit: random.hex(40),
      environment: random.pick(ENVIRONMENTS),
      triggeredBy: random.pick(USERS),
      startedAt: new Date(startAt).toISOString(),
      finishedAt: new Date(startAt + length + 60_000).toISOString(),
      workers: 4,
    };
    yield { run, results };
    for (let copy = 1; copy < this.options.copies; copy++) {
      const id = `${project}-${ordinal}-${copy}`;
      yield { run: { ...run, externalId: id, build: { id } }, results: draw(random.fork(copy)) };
    }
  }
}

/** Splits a run's results into those that count as its outcomes and those that a retry superseded. */
export const finalFlags = (results: readonly ResultInput[]): boolean[] =>
  results.map((result, i) => {
    const next = results[i + 1];
    return next === undefined || next.name !== result.name || next.suite !== result.suite;
  });
