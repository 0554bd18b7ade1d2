import { Injectable } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import type { Run } from '../executions/index.js';
import { MetricsService, type TimeRange } from '../metrics/index.js';
import { type Definitions, DefinitionsService } from '../quality/index.js';
import { type BaseHistory, BaseHistoryCollector } from './domain/base-history.js';
import { type Outcome, outcomesOf, withoutRerun } from './domain/outcomes.js';

const DAY_MS = 86_400_000;
export const HISTORY_DAYS = 30;

export interface BaseRequest {
  readonly project: string;
  /** '' for the runs without a branch. */
  readonly branch: string;
  /** Only what began before. */
  readonly before: Date;
  /** Runs that are not part of the past. */
  readonly left: readonly string[];
  /** Tests whose histories are asked for. */
  readonly wanted: (test: number) => boolean;
  /** Tests whose passing durations are asked for. */
  readonly timed: (test: number) => boolean;
}

/** Outcomes of runs, and what a branch's recent past says, from the read model: no result document is read. */
@Injectable()
export class OutcomeReader {
  constructor(
    private readonly metrics: MetricsService,
    private readonly definitions: DefinitionsService,
  ) {}

  definitionsOf(scope: Scope, projectIds: readonly string[]): Promise<Definitions> {
    return this.definitions.of(scope, projectIds);
  }

  /** The outcomes of runs of one project that count: of jobs that were run again, the newest. */
  async ofRuns(scope: Scope, runs: readonly Run[], { canonical }: Definitions): Promise<Outcome[]> {
    const days = runs.flatMap((run) => run.days);
    const [first] = runs;
    if (first === undefined || days.length === 0) return [];
    const range: TimeRange = {
      from: new Date(Math.min(...days) * DAY_MS),
      to: new Date((Math.max(...days) + 1) * DAY_MS),
      timeZone: 'UTC',
    };
    const filter = { projects: [first.projectKey], runs: runs.map(({ runId }) => runId) };
    const found: Outcome[] = [];
    for await (const day of this.metrics.scanRows(scope, { filter, range, attempts: 'final' }))
      for (const outcome of outcomesOf(day, canonical)) found.push(outcome);
    return withoutRerun(found, runs);
  }

  /** The last 30 days of a branch before a time. */
  async base(scope: Scope, request: BaseRequest, { canonical, outages }: Definitions): Promise<BaseHistory> {
    const { project, branch, before, left, wanted, timed } = request;
    const from = new Date(before.getTime() - HISTORY_DAYS * DAY_MS);
    const filter = { projects: [project], exact: [{ dimension: 'branch' as const, value: branch }] };
    const collector = new BaseHistoryCollector(canonical, wanted, timed, new Set(left));
    const query = { filter, range: { from, to: before, timeZone: 'UTC' }, attempts: 'final' } as const;
    for await (const day of this.metrics.scanRows(scope, query)) collector.add(day);
    return collector.finish(outages);
  }
}
