import type { Rejection } from './domain/batch-outcome.js';
import { LIMITS } from './domain/limits.js';
import type { RunInput } from './domain/model.js';
import { omit } from './domain/omit.js';
import type { ParsedFile } from './formats/format-reader.js';
import type { BatchRow } from './result-preparer.js';

/** A run as the files of one request make it up. */
export interface RunToImport {
  readonly metadata: Omit<RunInput, 'project'>;
  /** The rows of each file, numbered through over the files of the run. */
  readonly groups: readonly (readonly BatchRow[])[];
  /** Places of the files in the request. */
  readonly files: readonly number[];
  /** One of several runs of one file. */
  readonly isPartOfFile: boolean;
  /** Where a rejected row stands: its place in its file. */
  place(rejection: Rejection): Rejection;
}

interface FileOfRequest {
  readonly parsed: readonly ParsedFile[];
}

/**
 * Files that hold one run each are one run together: what the client says of it counts first, then what the first file
 * says that says anything, and it lasts from the first start to the last end. A file that holds several runs keeps them,
 * each with the id that the file gives it, after the client's where there is one.
 */
export const mergeRuns = (files: readonly FileOfRequest[], metadata: Omit<RunInput, 'project'>): RunToImport[] => {
  const good = files.flatMap(({ parsed }, index) => (parsed.length > 0 ? [{ index, parsed }] : []));
  const single = good
    .filter(({ parsed }) => parsed.length === 1)
    .map(({ index, parsed }) => ({ index, part: parsed[0]! }));
  const several = good.filter(({ parsed }) => parsed.length > 1);
  const joined = single.length === 0 ? [] : [joinedRun(single, metadata)];
  return [
    ...joined,
    ...several.flatMap(({ index, parsed }) => parsed.map((part) => partOfFile(index, part, metadata))),
  ];
};

const joinedRun = (
  members: readonly { index: number; part: ParsedFile }[],
  metadata: Omit<RunInput, 'project'>,
): RunToImport => {
  const said = members.map(({ part }) => defined(part.run));
  const first = said.reduceRight((sum, run) => ({ ...sum, ...run }), {});
  const starts = members
    .flatMap(({ part }) => [part.run.startedAt ?? earliest(part)])
    .filter((time) => time !== undefined);
  const ends = said.flatMap(({ finishedAt }) => finishedAt ?? []);
  // one file that names its run (CTRF runId) does so for itself only
  const externalId = members.length === 1 ? first.externalId : undefined;
  return runOf(
    members,
    {
      ...first,
      startedAt: extreme(starts, Math.min),
      finishedAt: extreme(ends, Math.max),
      externalId,
      ...defined(metadata),
    },
    false,
  );
};

const partOfFile = (index: number, part: ParsedFile, metadata: Omit<RunInput, 'project'>): RunToImport => {
  const own = defined(part.run);
  const externalId =
    metadata.externalId === undefined
      ? own.externalId
      : `${metadata.externalId}/${own.externalId ?? ''}`.slice(0, LIMITS.label);
  // times and ids are the run's own: the client's would be the same for all of them
  const shared = omit(defined(metadata), 'startedAt', 'finishedAt');
  return runOf([{ index, part }], { startedAt: earliest(part), ...own, ...shared, externalId }, true);
};

const runOf = (
  members: readonly { index: number; part: ParsedFile }[],
  metadata: Omit<RunInput, 'project'>,
  isPartOfFile: boolean,
): RunToImport => {
  let next = 0;
  const groups = members.map(({ part }) => part.results.map((result) => ({ index: next++, result })));
  const place = (rejection: Rejection): Rejection => {
    let within = rejection.index;
    let at = 0;
    while (at < members.length - 1 && within >= groups[at]!.length) within -= groups[at++]!.length;
    return { ...rejection, index: within, pointer: `/files/${members[at]!.index}/results/${within}` };
  };
  return { metadata, groups, files: members.map(({ index }) => index), isPartOfFile, place };
};

const defined = <T extends object>(value: T): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<T>;

const earliest = ({ results }: ParsedFile): string | undefined => {
  let first = Number.POSITIVE_INFINITY;
  for (const { startedAt } of results) if (startedAt !== undefined) first = Math.min(first, Date.parse(startedAt));
  return Number.isFinite(first) ? new Date(first).toISOString() : undefined;
};

const extreme = (times: readonly string[], choose: (...values: number[]) => number): string | undefined =>
  times.length === 0 ? undefined : new Date(choose(...times.map((time) => Date.parse(time)))).toISOString();
