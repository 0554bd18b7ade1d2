import type { AttemptRecord, Run } from '../../executions/index.js';
import { FAILED, STATUS_CODES } from './aggregate.js';
import { ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_RETRIED, type GroupKey, type RowRun, type Rows } from './rows.js';
import { allocateRows, groupId } from './rows-codec.js';

export const DAY_MS = 86_400_000;
export const dayOf = (epochMs: number): number => Math.floor(epochMs / DAY_MS);

/** One day's part of a run. */
export interface RunDay {
  readonly day: number;
  readonly rows: Rows;
}

/**
 * Derives the outcomes of a run from its attempts and packs them by UTC day, sorted by test and attempt: a pure function
 * of the set of attempts, so any order of arrival gives the same bytes.
 */
export const buildRunDays = (run: Run, attempts: readonly AttemptRecord[]): RunDay[] => {
  const sorted = [...attempts].sort((a, b) => a.test - b.test || a.attempt - b.attempt);
  const flags = outcomeFlags(sorted);
  const byDay = new Map<number, number[]>();
  sorted.forEach((attempt, index) => {
    const day = dayOf(attempt.at);
    const members = byDay.get(day);
    if (members) members.push(index);
    else byDay.set(day, [index]);
  });
  return [...byDay]
    .sort(([a], [b]) => a - b)
    .map(([day, members]) => ({ day, rows: packDay(run, sorted, flags, members, day) }));
};

/** @param sorted by test, then attempt */
const outcomeFlags = (sorted: readonly AttemptRecord[]): Uint8Array => {
  const flags = new Uint8Array(sorted.length);
  let first = 0;
  let failedBefore = false;
  sorted.forEach((attempt, index) => {
    const code = STATUS_CODES[attempt.status];
    flags[index] = code | (attempt.durationUs === undefined ? 0 : ROW_HAS_DURATION);
    if (sorted[index + 1]?.test === attempt.test) {
      failedBefore ||= FAILED[code]!;
      return;
    }
    flags[index] |= ROW_FINAL | (index > first ? ROW_RETRIED : 0);
    if (failedBefore && attempt.status === 'passed') flags[index] |= ROW_FLAKY;
    first = index + 1;
    failedBefore = false;
  });
  return flags;
};

const packDay = (
  run: Run,
  sorted: readonly AttemptRecord[],
  flags: Uint8Array,
  members: readonly number[],
  day: number,
): Rows => {
  const groupOf = groupFactory(run);
  const keys = members.map((index) => groupOf(sorted[index]!));
  const groups = sortedUnique(keys, groupId);
  const fingerprints = [...new Set(['', ...members.map((index) => sorted[index]!.fingerprint)])].sort();
  const groupIndex = new Map(groups.map((group, index) => [groupId(group), index]));
  const fingerprintIndex = new Map(fingerprints.map((fingerprint, index) => [fingerprint, index]));
  const rows = allocateRows(members.length, groups, [rowRunOf(run)], fingerprints);
  members.forEach((index, i) => {
    const attempt = sorted[index]!;
    rows.test[i] = attempt.test;
    rows.flags[i] = flags[index]!;
    rows.attempt[i] = attempt.attempt;
    rows.at[i] = attempt.at - day * DAY_MS;
    rows.durationUs[i] = attempt.durationUs ?? 0;
    rows.group[i] = groupIndex.get(groupId(keys[i]!))!;
    rows.fingerprint[i] = fingerprintIndex.get(attempt.fingerprint)!;
  });
  return rows;
};

const rowRunOf = (run: Run): RowRun => ({
  runId: run.runId,
  startedAtSeconds: Math.floor(run.startedAt.getTime() / 1000),
  generation: run.generation,
  commit: run.commit ?? '',
  expired: false,
});

const groupFactory = (run: Run): ((attempt: AttemptRecord) => GroupKey) => {
  const known = new Map<string, GroupKey>();
  return (attempt) => {
    const id = [attempt.suite, attempt.type, attempt.owner, ...attempt.tags].join('\u0001');
    let group = known.get(id);
    if (!group) {
      group = {
        suite: attempt.suite,
        type: attempt.type,
        environment: run.environment ?? '',
        branch: run.branch ?? '',
        owner: attempt.owner,
        user: run.triggeredBy ?? '',
        kind: run.kind,
        tags: [...new Set([...run.tags, ...attempt.tags])].sort(),
      };
      known.set(id, group);
    }
    return group;
  };
};

const sortedUnique = <T>(items: readonly T[], id: (item: T) => string): T[] =>
  [...new Map(items.map((item) => [id(item), item]))].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);

/**
 * Joins the parts that several runs have in one day: dictionaries united, rows in the order of run start, run id, test
 * and attempt. The same parts in any order give the same rows.
 */
export const mergeRows = (parts: readonly Rows[]): Rows => {
  const ordered = [...parts].sort(
    (a, b) =>
      a.runs[0]!.startedAtSeconds - b.runs[0]!.startedAtSeconds || (a.runs[0]!.runId < b.runs[0]!.runId ? -1 : 1),
  );
  const groups = sortedUnique(
    ordered.flatMap((part) => part.groups),
    groupId,
  );
  const fingerprints = [...new Set(['', ...ordered.flatMap((part) => part.fingerprints)])].sort();
  const runs = ordered.flatMap((part) => part.runs);
  const merged = allocateRows(
    ordered.reduce((n, part) => n + part.length, 0),
    groups,
    runs,
    fingerprints,
  );
  const groupIndex = new Map(groups.map((group, index) => [groupId(group), index]));
  const fingerprintIndex = new Map(fingerprints.map((fingerprint, index) => [fingerprint, index]));
  let offset = 0;
  let runOffset = 0;
  for (const part of ordered) {
    copyRows(merged, part, offset, {
      group: part.groups.map((group) => groupIndex.get(groupId(group))!),
      fingerprint: part.fingerprints.map((fingerprint) => fingerprintIndex.get(fingerprint)!),
      run: part.runs.map((_, index) => runOffset + index),
    });
    offset += part.length;
    runOffset += part.runs.length;
  }
  return merged;
};

interface IndexMaps {
  readonly group: readonly number[];
  readonly fingerprint: readonly number[];
  readonly run: readonly number[];
}

const copyRows = (target: Rows, source: Rows, offset: number, maps: IndexMaps): void => {
  target.test.set(source.test, offset);
  target.flags.set(source.flags, offset);
  target.attempt.set(source.attempt, offset);
  target.at.set(source.at, offset);
  target.durationUs.set(source.durationUs, offset);
  for (let i = 0; i < source.length; i++) {
    target.group[offset + i] = maps.group[source.group[i]!]!;
    target.fingerprint[offset + i] = maps.fingerprint[source.fingerprint[i]!]!;
    target.run[offset + i] = maps.run[source.run[i]!]!;
  }
};

/** The rows whose group satisfies `keep`; groups that no kept row uses are dropped, the other dictionaries stay. */
export const selectRows = (rows: Rows, keep: (group: GroupKey) => boolean): Rows => {
  const groups = rows.groups.filter(keep);
  const groupIndex = new Map(groups.map((group, index) => [group, index]));
  const remap = rows.groups.map((group) => groupIndex.get(group) ?? -1);
  const indexes: number[] = [];
  for (let i = 0; i < rows.length; i++) if (remap[rows.group[i]!]! >= 0) indexes.push(i);
  const selected = allocateRows(indexes.length, groups, rows.runs, rows.fingerprints);
  indexes.forEach((from, to) => {
    selected.test[to] = rows.test[from]!;
    selected.flags[to] = rows.flags[from]!;
    selected.attempt[to] = rows.attempt[from]!;
    selected.at[to] = rows.at[from]!;
    selected.durationUs[to] = rows.durationUs[from]!;
    selected.group[to] = remap[rows.group[from]!]!;
    selected.run[to] = rows.run[from]!;
    selected.fingerprint[to] = rows.fingerprint[from]!;
  });
  return selected;
};
