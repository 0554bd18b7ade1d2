import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Slices } from '../../src/common/index.js';
import type { DayRows, Rows } from '../../src/metrics/index.js';
import { ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_RETRIED } from '../../src/metrics/domain/rows.js';
import { allocateRows } from '../../src/metrics/domain/rows-codec.js';
import type { AssessedTest, Judged } from '../../src/quality/assessments/assessment.js';
import { testFigures } from '../../src/quality/assessments/figures.js';
import { type Judging, SlicedJudging } from '../../src/quality/assessments/judging.js';
import type { ScannedRun } from '../../src/quality/assessments/outcome-collector.js';
import { JudgingThread } from '../../src/quality/assessments/thread/judging-thread.js';
import type { AliasLink } from '../../src/quality/definitions/definition.js';
import type { TestAssessment } from '../../src/quality/domain/flakiness.js';
import { FlakinessPosteriors } from '../../src/quality/domain/flakiness-posterior.js';
import { seededRandom } from '../../src/quality/domain/testing/histories.js';
import { ensureBuilt, ROOT } from '../support/process.js';

const FIRST_DAY = 20_000;
const NOW = (FIRST_DAY + 40) * 86_400_000;
const posteriors = new FlakinessPosteriors();
const threads: JudgingThread[] = [];

const newThread = (): JudgingThread => {
  const thread = JudgingThread.of(pathToFileURL(join(ROOT, 'dist/quality/assessments/thread/judging.worker.js')));
  threads.push(thread);
  return thread;
};

beforeAll(() => ensureBuilt(), 300_000);
afterAll(() => Promise.all(threads.map((thread) => thread.onModuleDestroy())));

/** A day of two runs of `tests` tests, of which some fail, are tried again or have no duration. */
const dayOf = (index: number, tests: number, random: () => number): Rows => {
  const groups = ['checkout', 'search'].map((suite, i) => ({
    ...{ suite, type: 'unit', environment: 'ci', branch: i === 0 ? 'main' : 'next' },
    ...{ owner: '', user: '', kind: 'ci', tags: ['slow'] },
  }));
  const runs = [0, 1].map((run) => ({
    runId: `${index}-${run}`,
    startedAtSeconds: (FIRST_DAY + index) * 86_400 + run * 3600,
    ...{ generation: 1, commit: run === 0 ? '' : `c${index >> 1}`, expired: false },
  }));
  const attempts = runs.flatMap((_, run) =>
    Array.from({ length: tests }, (_, test) =>
      (random() < 0.1 ? [1, 2] : [1]).map((attempt) => ({ run, test, attempt })),
    ),
  );
  const rows = allocateRows(attempts.flat().length, groups, runs, ['', 'boom', 'crash']);
  let i = 0;
  for (const tries of attempts)
    for (const { run, test, attempt } of tries) {
      const isFinal = attempt === tries.length;
      const retried = isFinal && attempt === 2;
      const failed = !isFinal || random() < (test % 5 === 0 ? 0.3 : 0.02);
      const measured = random() < 0.9;
      rows.test[i] = test;
      rows.flags[i] =
        (failed ? 1 + Math.floor(random() * 3) : random() < 0.05 ? 4 : 0) |
        (isFinal ? ROW_FINAL : 0) |
        (retried ? ROW_RETRIED : 0) |
        (retried && !failed ? ROW_FLAKY : 0) |
        (measured ? ROW_HAS_DURATION : 0);
      rows.attempt[i] = attempt;
      rows.at[i] = run * 3_600_000 + test;
      rows.durationUs[i] = measured ? Math.floor(random() * 1e6) : 0;
      rows.group[i] = test % 2;
      rows.run[i] = run;
      rows.fingerprint[i] = failed ? 1 + (test % 2) : 0;
      i += 1;
    }
  return rows;
};

interface Window {
  readonly days: readonly Rows[];
  readonly matches: (row: number) => boolean;
  readonly aliases: readonly AliasLink[];
  readonly excluded: ReadonlySet<string>;
}

const addTo = (judging: Judging<DayRows>, { days, matches }: Window): void => {
  for (const [index, rows] of days.entries()) {
    const match = Uint8Array.from({ length: rows.length }, (_, i) => (matches(i) ? 1 : 0));
    judging.add({ projectId: 'p1', projectKey: 'shop', day: FIRST_DAY + index, rows, match });
  }
};

const judge = async (judging: Judging<DayRows>, asked: Window): Promise<Judged & { runs: readonly ScannedRun[] }> => {
  addTo(judging, asked);
  const runs = await judging.runs();
  return { ...(await judging.judge(asked.excluded, NOW)), runs };
};

const here = (window: Window) => judge(new SlicedJudging(window.aliases, posteriors, new Slices()), window);
const there = (thread: JudgingThread, window: Window) => judge(thread.begin(window.aliases), window);

const FIELDS: Readonly<Record<keyof TestAssessment, true>> = {
  ...{ definition: true, status: true, label: true, flakiness: true, counts: true, runs: true, failures: true },
  ...{ segmentRuns: true, segmentFailures: true, segmentStart: true, excludedRuns: true },
  ...{ lastFailed: true, lastAt: true, disagreements: true, evidenceRuns: true },
};
const assessed = ({ assessment }: AssessedTest) =>
  Object.fromEntries(Object.keys(FIELDS).map((name) => [name, assessment[name as keyof TestAssessment]]));

/** Everything that is asked of a judgement, as plain data. */
const plain = ({ tests, table, clusters, scanned, retries, outcomes, runs }: Awaited<ReturnType<typeof here>>) => ({
  ...{ clusters, scanned, retries, outcomes, runs, table },
  tests: tests.map((test) => {
    const history = { ...test.history, spread: undefined };
    const { projectId, projectKey, number, suite } = test;
    return { projectId, projectKey, number, suite, assessment: assessed(test), history, figures: testFigures(test) };
  }),
});

const window = fc
  .record({ seed: fc.integer(), days: fc.integer({ min: 0, max: 6 }), tests: fc.integer({ min: 1, max: 12 }) })
  .map(({ seed, days, tests }): Window => {
    const random = seededRandom(seed);
    const some = Array.from({ length: 97 }, () => random() < 0.9);
    return {
      days: Array.from({ length: days }, (_, index) => dayOf(index, tests, random)),
      matches: (row) => some[row % some.length]!,
      aliases: random() < 0.5 ? [] : [{ projectId: 'p1', pastNumber: 0, number: tests }],
      excluded: new Set(random() < 0.5 ? ['0-0'] : []),
    };
  });

const large = (tests: number, days: number): Window => {
  const random = seededRandom(5);
  return {
    days: Array.from({ length: days }, (_, index) => dayOf(index, tests, random)),
    ...{ matches: () => true, aliases: [], excluded: new Set<string>() },
  };
};

describe('JudgingThread', () => {
  it('judges as it is done without it', async () => {
    const thread = newThread();
    await fc.assert(
      fc.asyncProperty(window, async (asked) => {
        expect(plain(await there(thread, asked))).toEqual(plain(await here(asked)));
      }),
      { numRuns: 60 },
    );
  });

  it('finds the failures by their cause, without judging', async () => {
    const thread = newThread();
    await fc.assert(
      fc.asyncProperty(window, async (asked) => {
        const judging = thread.begin(asked.aliases);
        addTo(judging, asked);
        const { clusters, scanned, runs } = await here(asked);
        expect(await judging.clusters()).toEqual({ clusters, scanned, runs });
        await expect(judging.runs()).rejects.toThrow(/there is no job/);
      }),
      { numRuns: 30 },
    );
  });

  it('serves several at once that read the same days', async () => {
    const thread = newThread();
    const whole = large(50, 10);
    const asked = [0, 1, 2, 3].map((part): Window => ({ ...whole, matches: (row) => row % 4 === part }));
    const answers = await Promise.all(asked.map((one) => there(thread, one)));
    for (const [i, answer] of answers.entries()) expect(plain(answer)).toEqual(plain(await here(asked[i]!)));
  });

  it('takes the work off the thread that asks', async () => {
    const thread = newThread();
    const asked = large(2000, 20);
    await there(thread, large(10, 2));
    const [own, all] = [process.threadCpuUsage(), process.cpuUsage()];
    const { outcomes } = await there(thread, asked);
    expect(outcomes).toBe(2000 * 20 * 2);
    const [ownSpent, allSpent] = [process.threadCpuUsage(own).user, process.cpuUsage(all).user];
    expect(ownSpent).toBeLessThan(0.5 * allSpent);
  });

  it('says when it ends before the answer, and begins anew', async () => {
    const thread = newThread();
    const asked = large(500, 5);
    await there(thread, asked);
    const ending = there(thread, large(4000, 40)); // long enough to be caught at it
    const answer = expect(ending).rejects.toMatchObject({ kind: 'unavailable', code: 'assessment_interrupted' });
    await (thread as unknown as { link: { close(): Promise<void> } }).link.close();
    await answer;
    expect(plain(await there(thread, asked))).toEqual(plain(await here(asked)));
    await thread.onModuleDestroy();
    expect(() => thread.begin([])).toThrow(expect.objectContaining({ code: 'assessment_interrupted' }));
  });

  it('tells what went wrong, and forgets what is dropped', async () => {
    const thread = newThread();
    const judging = thread.begin([]);
    judging.drop();
    await expect(judging.runs()).rejects.toThrow(/there is no job/);
  });
});
