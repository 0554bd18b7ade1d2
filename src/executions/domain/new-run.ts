import type { Run, RunInput, RunStatus } from './model.js';
import type { RunKey } from './run-key.js';

/** A run as it is first described, before it has an id. */
export interface NewRun {
  readonly key: string;
  readonly run: Omit<Run, 'runId' | 'generation' | 'summarised' | 'days' | 'state'>;
  readonly shardsSeen: readonly number[];
}

export interface OwnerOfRun {
  readonly organization: string;
  readonly id: string;
  readonly key: string;
}

/** Metadata that may still be written to a run that exists. */
export type RunPatch = Partial<Pick<Run, 'finishedAt' | 'status' | 'metrics' | 'resources'>>;

const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

export const newRunOf = (
  project: OwnerOfRun,
  input: Omit<RunInput, 'project'>,
  { key, externalId }: RunKey,
  { status, startedAt }: { readonly status: RunStatus; readonly startedAt: Date },
): NewRun => ({
  key,
  shardsSeen: input.build?.shard === undefined ? [] : [input.build.shard],
  run: {
    organization: project.organization,
    projectId: project.id,
    projectKey: project.key,
    externalId,
    build: input.build,
    kind: input.kind ?? 'ci',
    name: input.name,
    branch: input.branch,
    commit: input.commit,
    commitTime: timeOf(input.commitTime),
    pullRequest: input.pullRequest,
    environment: input.environment,
    ci: input.ci,
    triggeredBy: input.triggeredBy,
    attributes: input.attributes,
    tags: [...new Set(input.tags)].sort(),
    startedAt,
    finishedAt: timeOf(input.finishedAt),
    status,
    workers: input.workers,
    metrics: input.metrics,
    resources: input.resources,
  },
});

/** What a client says at the end of a live run. */
export interface FinishInput {
  readonly finishedAt?: string;
  readonly status?: Exclude<RunStatus, 'running'>;
  readonly metrics?: RunInput['metrics'];
  readonly resources?: RunInput['resources'];
}

/**
 * What the end of a run changes: what was said before stays (first write wins), member by member. A run that timed out
 * may still be finished.
 * @returns undefined when nothing changes
 */
export const finishPatch = (run: Run, input: FinishInput, now: Date): RunPatch | undefined => {
  const wanted = input.status ?? 'finished';
  const ends = run.status === 'running' || (run.status === 'aborted' && wanted === 'finished');
  const finishedAt = timeOf(input.finishedAt) ?? (ends ? now : undefined);
  const patch: RunPatch = {
    ...(ends ? { status: wanted } : {}),
    ...(run.finishedAt === undefined && finishedAt !== undefined ? { finishedAt } : {}),
    ...added('metrics', run.metrics, input.metrics),
    ...added('resources', run.resources, input.resources),
  };
  return Object.keys(patch).length > 0 ? patch : undefined;
};

const added = (member: 'metrics' | 'resources', before: object | undefined, more: object | undefined): RunPatch => {
  const merged = { ...more, ...before };
  return Object.keys(merged).length > Object.keys(before ?? {}).length ? { [member]: merged } : {};
};
