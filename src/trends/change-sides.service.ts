import { Injectable } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import { type Run, RunsRepository } from '../executions/index.js';
import { type DayRows, type MetricFilter, MetricsService } from '../metrics/index.js';
import type { ChangePoint } from './domain/change-points.js';
import type { MetricPoint, Stretch } from './series/metric-points.js';
import type { ChangeSides, NeighbouringRun } from './trend-answer.js';

/** Runs named on each side. */
export const RUNS_A_SIDE = 10;
/** Of a long period only so much is looked through. */
const REACH_MS = 7 * 86_400_000;

interface Side {
  readonly from: Date;
  readonly to: Date;
  readonly newestFirst: boolean;
}

interface SeenRun {
  readonly runId: string;
  readonly project: string;
  readonly startedAt: number;
}

/** The runs next to a change: those of the last period before it and of the first one after it. */
@Injectable()
export class ChangeSidesService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly runs: RunsRepository,
  ) {}

  /** One answer per change point, in their order. */
  async find(
    scope: Scope,
    filter: MetricFilter,
    timeZone: string,
    points: readonly MetricPoint[],
    judged: Stretch,
    changes: readonly ChangePoint[],
  ): Promise<ChangeSides[]> {
    const seen: { before: SeenRun[]; after: SeenRun[] }[] = [];
    for (const { position } of changes) {
      const at = judged.from + position;
      const before = points.slice(judged.from, at).findLast(({ value }) => value !== null);
      const after = points[at];
      seen.push({
        before: before ? await this.scan(scope, filter, timeZone, lastOf(before)) : [],
        after: after ? await this.scan(scope, filter, timeZone, firstOf(after)) : [],
      });
    }
    const ids = new Set(seen.flatMap(({ before, after }) => [...before, ...after]).map(({ runId }) => runId));
    const found = ids.size > 0 ? await this.runs.findMany(scope, [...ids]) : [];
    const byId = new Map(found.map((run) => [run.runId, run]));
    const describe = (list: readonly SeenRun[]): NeighbouringRun[] => list.map((run) => toNeighbour(run, byId));
    return seen.map(({ before, after }) => ({ before: describe(before), after: describe(after) }));
  }

  private async scan(scope: Scope, filter: MetricFilter, timeZone: string, side: Side): Promise<SeenRun[]> {
    const { from, to, newestFirst } = side;
    const query = { filter, range: { from, to, timeZone }, attempts: 'final' } as const;
    const runs = new Map<string, SeenRun>();
    let day: number | undefined;
    for await (const rows of this.metrics.scanRows(scope, query, { newestFirst })) {
      // whole days only: the runs of another project come after those of the first
      if (runs.size >= RUNS_A_SIDE && rows.day !== day) break;
      day = rows.day;
      for (const run of runsOf(rows)) runs.set(run.runId, run);
    }
    const sign = newestFirst ? -1 : 1;
    return [...runs.values()].sort((a, b) => sign * (a.startedAt - b.startedAt)).slice(0, RUNS_A_SIDE);
  }
}

const lastOf = ({ from, to }: MetricPoint): Side => ({
  from: new Date(Math.max(from.getTime(), to.getTime() - REACH_MS)),
  to,
  newestFirst: true,
});

const firstOf = ({ from, to }: MetricPoint): Side => ({
  from,
  to: new Date(Math.min(to.getTime(), from.getTime() + REACH_MS)),
  newestFirst: false,
});

const runsOf = ({ projectKey, rows, match }: DayRows): SeenRun[] => {
  const indexes = new Set<number>();
  for (let i = 0; i < rows.length; i++) if (match[i] === 1) indexes.add(rows.run[i]!);
  return [...indexes].map((index) => {
    const { runId, startedAtSeconds } = rows.runs[index]!;
    return { runId, project: projectKey, startedAt: startedAtSeconds * 1000 };
  });
};

const toNeighbour = ({ runId, project, startedAt }: SeenRun, byId: ReadonlyMap<string, Run>): NeighbouringRun => {
  const { name, branch, commit } = byId.get(runId) ?? {};
  return {
    ...{ runId, project, startedAt: byId.get(runId)?.startedAt ?? new Date(startedAt) },
    ...(name !== undefined && { name }),
    ...(branch !== undefined && { branch }),
    ...(commit !== undefined && { commit }),
  };
};
