import { describe, expect, it } from '@jest/globals';
import type { RunInput } from './domain/model.js';
import type { ParsedFile } from './formats/format-reader.js';
import { mergeRuns } from './runs-of-files.js';

const part = (run: Partial<RunInput>, names: readonly string[] = []): ParsedFile => ({
  format: 'junit',
  run,
  results: names.map((name) => ({ name, status: 'passed' })),
  warnings: [],
});

describe('mergeRuns', () => {
  it('makes no run of no good file', () => {
    expect(mergeRuns([], {})).toEqual([]);
    expect(mergeRuns([{ parsed: [] }], {})).toEqual([]);
  });

  it('joins files of one run each: the client first, then the first file that says it', () => {
    const [run, ...others] = mergeRuns(
      [
        { parsed: [part({ branch: 'a', startedAt: '2026-03-01T10:00:00.000Z', externalId: 'one' }, ['x'])] },
        { parsed: [] },
        { parsed: [part({ branch: 'b', commit: 'c', startedAt: '2026-03-01T09:00:00.000Z' }, ['y', 'z'])] },
      ],
      { environment: 'staging', branch: undefined },
    );
    expect(others).toEqual([]);
    expect(run).toMatchObject({ files: [0, 2], isPartOfFile: false });
    expect(run!.metadata).toMatchObject({ branch: 'a', commit: 'c', environment: 'staging' });
    expect(run!.metadata.startedAt).toBe('2026-03-01T09:00:00.000Z');
    expect(run!.metadata.externalId).toBeUndefined();
    expect(run!.groups.map((group) => group.map(({ index }) => index))).toEqual([[0], [1, 2]]);
    const rejection = { index: 2, pointer: '/results/2', code: 'conflict', detail: '' };
    expect(run!.place(rejection)).toMatchObject({ index: 1, pointer: '/files/2/results/1' });
  });

  it('keeps the runs of a file that has several, under the ids it gives them', () => {
    const history = { parsed: [part({ externalId: 'h-1' }, ['a']), part({ externalId: 'h-2' }, ['b'])] };
    const ids = (metadata: Omit<RunInput, 'project'>): unknown[] =>
      mergeRuns([history], metadata).map(({ metadata: { externalId, branch } }) => [externalId, branch]);
    expect(ids({ branch: 'main' })).toEqual([
      ['h-1', 'main'],
      ['h-2', 'main'],
    ]);
    expect(ids({ externalId: 'mine' })).toEqual([
      ['mine/h-1', undefined],
      ['mine/h-2', undefined],
    ]);
  });

  it('takes the id that a single file gives its run', () => {
    expect(mergeRuns([{ parsed: [part({ externalId: 'ctrf' })] }], {})[0]!.metadata.externalId).toBe('ctrf');
    expect(mergeRuns([{ parsed: [part({ externalId: 'ctrf' })] }], { externalId: 'x' })[0]!.metadata.externalId).toBe(
      'x',
    );
  });
});
