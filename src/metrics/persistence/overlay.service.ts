import { Injectable } from '@nestjs/common';
import {
  CommitLog,
  ResultsRepository,
  RunsRepository,
  type Commit,
  type Run,
  type RunState,
} from '../../executions/index.js';
import { systemScope } from '../../common/index.js';
import { buildRunDays, type RunDay } from '../domain/build-rows.js';
import { frozenAt, type FrozenPart } from '../domain/frozen-run.js';
import type { AsOf } from '../domain/query.js';
import type { Rows } from '../domain/rows.js';
import { RunSummariesRepository, type RunPart } from './run-summaries.repository.js';

/** How to read a project as it stood at a position: on `days`, leave `runs` out and take `parts` instead. */
export interface Overlay {
  readonly days: ReadonlySet<number>;
  readonly runs: ReadonlySet<string>;
  readonly parts: ReadonlyMap<number, readonly Rows[]>;
}

/**
 * Answers the past from the present: runs that changed after the position are derived again from the results that they
 * had by then. What nobody touched since is read as it is, so the cost grows with what has changed.
 */
@Injectable()
export class OverlayService {
  constructor(
    private readonly log: CommitLog,
    private readonly runs: RunsRepository,
    private readonly results: ResultsRepository,
    private readonly summaries: RunSummariesRepository,
  ) {}

  /**
   * By project id; a project where nothing has changed on the days has none.
   * @param days that are going to be read, both included
   * @param inFlight runs whose summary is ahead of the log right now
   */
  async build(
    organization: string,
    projectIds: readonly string[],
    asOf: AsOf,
    days: readonly [first: number, last: number],
    inFlight: readonly string[] = [],
  ): Promise<Map<string, Overlay>> {
    const commits = await this.log.since(projectIds, asOf.position, ['results', 'deleted'], days);
    const byProject = Map.groupBy(commits, (commit) => commit.projectId);
    const overlays = new Map<string, Overlay>();
    await Promise.all(
      projectIds.map(async (projectId) => {
        const changes = byProject.get(projectId) ?? [];
        const overlay = await this.ofProject(organization, projectId, changes, asOf, inFlight);
        if (overlay) overlays.set(projectId, overlay);
      }),
    );
    return overlays;
  }

  private async ofProject(
    organization: string,
    projectId: string,
    commits: readonly Commit[],
    asOf: AsOf,
    inFlight: readonly string[],
  ): Promise<Overlay | undefined> {
    const changed = new Set([...commits.map((commit) => commit.runId ?? ''), ...inFlight]);
    const found = await this.summaries.partsOfRuns(projectId, [...asOf.pins.map((pin) => pin.runId), ...changed]);
    const pins = new Map(asOf.pins.filter((pin) => found.has(pin.runId)).map((pin) => [pin.runId, pin.generation]));
    const runIds = [...new Set([...changed, ...pins.keys()])].filter((id) => found.has(id));
    if (runIds.length === 0) return undefined;
    const generations = await this.log.generationsAt(runIds, asOf.position);
    for (const [runId, generation] of pins) generations.set(runId, generation);
    const days = new Set(commits.flatMap((commit) => commit.days));
    for (const runId of [...pins.keys(), ...inFlight]) for (const { day } of found.get(runId) ?? []) days.add(day);
    const parts = new Map<number, Rows[]>();
    const stored = await this.runs.findMany(systemScope(organization), [...generations.keys()]);
    for (const run of stored)
      for (const { day, rows } of await this.partsAt(run, generations.get(run.runId)!, found.get(run.runId) ?? [])) {
        days.add(day);
        parts.set(day, [...(parts.get(day) ?? []), rows]);
      }
    return { days, runs: new Set(runIds), parts };
  }

  /** What runs that are gone consisted of at some generations. */
  async goneAt(
    organization: string,
    projectId: string,
    generations: ReadonlyMap<string, number>,
  ): Promise<{ state: RunState; parts: readonly RunDay[] }[]> {
    const found = await this.summaries.partsOfRuns(projectId, [...generations.keys()]);
    const isGrown = ([runId, parts]: readonly [string, readonly RunPart[]]): boolean =>
      parts.some(({ part }) => part.generation !== generations.get(runId));
    const grown = [...found].filter(isGrown).map(([runId]) => runId);
    const runs = new Map((await this.runs.findMany(systemScope(organization), grown)).map((run) => [run.runId, run]));
    return [...found].map(([runId, parts]) => {
      const run = runs.get(runId);
      const then = run ? frozenAt(run, generations.get(runId)!, parts.map(frozenPart)) : parts.map(frozenPart);
      return { state: parts[0]?.part.state ?? 'deleted', parts: then };
    });
  }

  private async partsAt(run: Run, generation: number, summary: readonly RunPart[]): Promise<readonly RunDay[]> {
    const same = summary.every(({ part }) => part.generation === generation);
    if (same) return summary.map(frozenPart);
    if (run.state !== 'live') return frozenAt(run, generation, summary.map(frozenPart));
    const attempts = await this.results.attemptsOfRun(run.runId, generation);
    return buildRunDays({ ...run, generation }, attempts);
  }
}

const frozenPart = ({ day, part, generations }: RunPart): FrozenPart => ({ day, rows: part.rows, generations });
