import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import type { ParsedFile } from '../format-reader.js';
import { readFile } from '../read-file.js';
import { fixtureNames, readFixture } from '../../../../test/support/format-fixtures.js';
import { hasSharedData, readShared } from '../../../../test/support/shared-data.js';

/** Each file is read once for all tests: they are large. */
const histories = new Map<string, Promise<ParsedFile[]>>();
const history = (name: string): Promise<ParsedFile[]> => {
  const known = histories.get(name) ?? readFile(`${name}.gz`, gzipSync(readShared(name)));
  histories.set(name, known);
  return known;
};
const attemptsOf = (files: readonly ParsedFile[]): ParsedFile['results'] => files.flatMap(({ results }) => results);

(hasSharedData ? describe : describe.skip)('known answers', () => {
  it.each([
    ['iofrol.csv', 320, 32_260, 9_289, 27_664],
    ['dune_debian11.csv', undefined, 35_140, 193, 25_867],
  ])('%s', async (name, cycles, attempts, failed, outcomes) => {
    const files = await history(name);
    const results = attemptsOf(files);
    expect(results).toHaveLength(attempts);
    expect(results.filter(({ status }) => status === 'failed')).toHaveLength(failed);
    expect(results.filter(({ attempt }) => attempt === 1)).toHaveLength(outcomes);
    if (cycles !== undefined) expect(files).toHaveLength(cycles);
    expect(new Set(files.map(({ run }) => run.externalId)).size).toBe(files.length);
    expect(files.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it('reads whole durations as ms, and as seconds where any has a fraction', async () => {
    const [iofrol] = await history('iofrol.csv');
    expect(iofrol?.results[0]).toEqual({
      name: '78082',
      status: 'failed',
      attempt: 1,
      startedAt: '2015-02-13T16:13:00.000Z',
      durationMs: 57_262,
    });
    expect(iofrol?.run).toMatchObject({ externalId: 'iofrol-cycle-1', startedAt: '2015-02-13T16:13:00.000Z' });
    const [dune] = await history('dune_debian11.csv');
    expect(dune?.results[0]).toMatchObject({ name: '94', durationMs: 10, startedAt: '2020-07-24T04:45:01.571Z' });
    expect(dune?.run.externalId).toBe('dune_debian11-cycle-1');
  });
});

describe('good and missing', () => {
  it('makes a run of each cycle, attempts in row order, started when its first test did', async () => {
    const [first, second] = await readFixture('csv', 'good', 'history.csv');
    expect(first?.results.map(({ name, attempt, status, durationMs }) => [name, attempt, status, durationMs])).toEqual([
      ['login', 1, 'failed', 500],
      ['cart', 1, 'passed', 10],
      ['login', 2, 'passed', 250],
    ]);
    expect(first?.run).toEqual({
      externalId: 'history-cycle-1',
      name: 'history cycle 1',
      startedAt: '2015-02-13T16:12:30.250Z',
    });
    expect(second?.results).toHaveLength(1);
  });

  it('takes the unit it is told', async () => {
    const bytes = Buffer.from('Name;Verdict;Duration\na;0;5\n');
    const [seconds] = await readFile('x.csv', bytes, 'csv', { durationUnit: 's' });
    const [ms] = await readFile('x.csv', bytes, 'csv', { durationUnit: 'ms' });
    expect([seconds?.results[0]?.durationMs, ms?.results[0]?.durationMs]).toEqual([5_000, 5]);
  });

  it('finds columns by name, whatever divides them', async () => {
    const [file] = await readFixture('csv', 'good', 'commas.csv');
    expect(file?.results.map(({ name, status }) => [name, status])).toEqual([
      ['a; b', 'failed'],
      ['quoted "name"', 'passed'],
    ]);
    expect(file?.run.externalId).toBe('commas-cycle-x');
  });

  it('does without cycle, time and duration, and without rows', async () => {
    const [file] = await readFixture('csv', 'missing', 'two-columns.csv');
    expect(file).toMatchObject({
      run: { externalId: 'two-columns' },
      results: [{ attempt: 1 }, { attempt: 2, status: 'failed' }],
    });
    const [empty] = await readFixture('csv', 'missing', 'no-rows.csv');
    expect(empty).toMatchObject({ run: { externalId: 'no-rows' }, results: [] });
  });
});

describe('invalid files', () => {
  it.each(fixtureNames('csv', 'invalid'))('%s: 422 or no history at all', async (name) => {
    await expect(readFixture('csv', 'invalid', name)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it.each([
    ['verdict.csv', 3],
    ['duration.csv', 3],
    ['last-run.csv', 2],
    ['ragged.csv', 3],
    ['open-quote.csv', 2],
  ])('%s: line %d', async (name, line) => {
    await expect(readFixture('csv', 'invalid', name)).rejects.toMatchObject({ extensions: { file: name, line } });
  });
});
