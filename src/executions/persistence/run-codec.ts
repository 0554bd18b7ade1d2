import { RESULT_STATUSES, type Run, type RunInput } from '../domain/model.js';
import type { AttemptRef, RunRecord } from '../domain/run-record.js';
import type { Pair, RunDocument } from './run.schema.js';

const OPTIONAL = [
  'build',
  'name',
  'branch',
  'commit',
  'commitTime',
  'pullRequest',
  'environment',
  'ci',
  'triggeredBy',
  'finishedAt',
  'workers',
  'resources',
] as const satisfies readonly (keyof RunDocument & keyof Run)[];

/** MongoDB stores a member that is undefined (`shard` of a build) as null. */
const withoutGaps = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !(value instanceof Date)
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined && member !== null))
    : value;

const pick = (from: Readonly<Partial<Record<(typeof OPTIONAL)[number], unknown>>>): Partial<RunDocument> =>
  Object.fromEntries(OPTIONAL.filter((key) => from[key] !== undefined).map((key) => [key, withoutGaps(from[key])]));

export const fromPairs = <T>(pairs: readonly Pair<T>[] | undefined): Readonly<Record<string, T>> | undefined =>
  pairs && Object.fromEntries(pairs.map(({ k, v }) => [k, v]));

export const toPairs = <T>(record: Readonly<Record<string, T>>): Pair<T>[] =>
  Object.entries(record).map(([k, v]) => ({ k, v }));

/** The members of a new document that come from the client. */
export const runFields = (
  run: Pick<Run, (typeof OPTIONAL)[number] | 'attributes' | 'metrics'>,
): Partial<RunDocument> => ({
  ...pick(run),
  ...(run.attributes ? { attributes: toPairs(run.attributes) } : {}),
  ...(run.metrics ? { metrics: toPairs(run.metrics) } : {}),
});

const toRef = ({ t, a, s }: { t: number; a: number; s: number }): AttemptRef => ({
  test: t,
  attempt: a,
  status: RESULT_STATUSES[s]!,
});

export const fromRef = ({ test, attempt, status }: AttemptRef): { t: number; a: number; s: number } => ({
  t: test,
  a: attempt,
  s: RESULT_STATUSES.indexOf(status),
});

export const toRun = (document: RunDocument): RunRecord => ({
  ...(pick(document) as Pick<RunInput, 'build' | 'name'>),
  runId: document._id.toHexString(),
  organization: document.o,
  projectId: document.p.toHexString(),
  projectKey: document.pk,
  externalId: document.externalId,
  kind: document.kind,
  attributes: fromPairs(document.attributes),
  tags: document.tags,
  startedAt: document.startedAt,
  status: document.status,
  metrics: fromPairs(document.metrics),
  generation: document.generation,
  summarised: document.summarised,
  days: document.days,
  state: document.state,
  totals: document.totals,
  newest: (document.newest ?? []).map(toRef),
  shardsSeen: document.shardsSeen.toSorted((a, b) => a - b),
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
});
