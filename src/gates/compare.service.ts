import { Injectable } from '@nestjs/common';
import { decodeCursor, DomainError, encodeCursor, invalid, notFound, readAnew, type Scope } from '../common/index.js';
import { type RunRecord, RunsRepository } from '../executions/index.js';
import { MetricsService } from '../metrics/index.js';
import { COMPARE_CATEGORIES, type CompareCategory, type ComparedTest, compareOutcomes } from './domain/compare.js';
import { isPassed } from './domain/outcomes.js';
import { SLOWER_DEFINITION } from './domain/slower.js';
import { OutcomeReader } from './outcome-reader.service.js';
import { type ComparedTestAnswer, ComparedTests } from './compared-tests.js';

/** One side: a run, or all runs of a build. */
export interface CompareSide {
  readonly run?: string;
  readonly build?: string;
}

export interface CompareQuestion {
  readonly base: CompareSide;
  readonly head: CompareSide;
  readonly project?: string;
  readonly category?: CompareCategory;
  readonly limit: number;
  readonly cursor?: string;
}

export interface CompareList {
  readonly items: readonly ComparedTestAnswer[];
  readonly nextCursor: string | null;
}

export interface CompareSideAnswer {
  readonly runIds: readonly string[];
  readonly branch: string | null;
  readonly commit: string | null;
  readonly tests: number;
}

export interface CompareAnswer {
  readonly asOf: number;
  readonly project: string;
  readonly base: CompareSideAnswer;
  readonly head: CompareSideAnswer;
  readonly counts: Readonly<Record<CompareCategory | 'unchanged', number>>;
  readonly lists: Readonly<Partial<Record<CompareCategory, CompareList>>>;
  readonly slowerTest: typeof SLOWER_DEFINITION & { readonly tested: number };
}

/** What has changed between two runs, or two builds. */
@Injectable()
export class CompareService {
  constructor(
    private readonly runs: RunsRepository,
    private readonly metrics: MetricsService,
    private readonly outcomes: OutcomeReader,
    private readonly tests: ComparedTests,
  ) {}

  /** @throws DomainError 404; 422 `different_projects`, `ambiguous_build`, `invalid_cursor` */
  async compare(scope: Scope, question: CompareQuestion): Promise<CompareAnswer> {
    const [base, head] = await Promise.all([this.side(scope, question, 'base'), this.side(scope, question, 'head')]);
    const { projectId, projectKey } = head[0]!;
    if (base[0]!.projectId !== projectId)
      throw invalid('different_projects', 'Runs of two projects have no test in common', [
        { pointer: '/base', detail: `must be of project ${projectKey}` },
      ]);
    readAnew(); // the runs may be younger than this request
    const { position } = await this.metrics.version(scope, { projects: [projectKey] });
    const definitions = await this.outcomes.definitionsOf(scope, [projectId]);
    const [before, after] = await Promise.all([
      this.outcomes.ofRuns(scope, base, definitions),
      this.outcomes.ofRuns(scope, head, definitions),
    ]);
    const timed = new Set(
      after.filter((one) => isPassed(one) && !Number.isNaN(one.durationUs)).map(({ test }) => test),
    );
    const end = Math.max(...base.map((run) => (run.finishedAt ?? run.startedAt).getTime()));
    const history = await this.outcomes.base(
      scope,
      {
        project: projectKey,
        branch: base[0]!.branch ?? '',
        before: new Date(end + 1),
        left: head.map(({ runId }) => runId),
        wanted: () => false,
        timed: (test) => timed.has(test),
      },
      definitions,
    );
    const comparison = compareOutcomes(before, after, (test) => history.durationsOf(test));
    const counts = Object.fromEntries(COMPARE_CATEGORIES.map((name) => [name, comparison.lists[name].length]));
    return {
      asOf: position,
      project: projectKey,
      base: sideOf(base, comparison.baseTests),
      head: sideOf(head, comparison.headTests),
      counts: { ...(counts as Record<CompareCategory, number>), unchanged: comparison.unchanged },
      lists: await this.listsOf(projectId, comparison.lists, question),
      slowerTest: { ...SLOWER_DEFINITION, tested: comparison.durationsTested },
    };
  }

  private async listsOf(
    projectId: string,
    lists: Readonly<Record<CompareCategory, readonly ComparedTest[]>>,
    { category, cursor, limit }: CompareQuestion,
  ): Promise<Partial<Record<CompareCategory, CompareList>>> {
    const place = cursor === undefined ? undefined : placeOf(cursor);
    const wanted = place?.category ?? category;
    const shown = wanted === undefined ? COMPARE_CATEGORIES : [wanted];
    const from = place?.from ?? 0;
    const pages = shown.map((name) => ({
      name,
      page: lists[name].slice(from, from + limit),
      total: lists[name].length,
    }));
    const named = await this.tests.name(
      projectId,
      pages.flatMap(({ page }) => page),
    );
    return Object.fromEntries(
      pages.map(({ name, page, total }) => [
        name,
        {
          items: page.map(named),
          nextCursor: from + limit < total ? encodeCursor([name, from + limit]) : null,
        },
      ]),
    );
  }

  private async side(scope: Scope, question: CompareQuestion, name: 'base' | 'head'): Promise<readonly RunRecord[]> {
    const { run, build } = question[name];
    if (run !== undefined) {
      const found = await this.runs.find(scope, run);
      if (!found || found.state === 'deleted') throw notFound(`Run "${run}"`);
      return [found];
    }
    if (build === undefined)
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: `/${name}`, detail: `give the id of a run, or ${name}Build` },
      ]);
    const found = (await this.runs.ofBuild(scope, build)).filter(
      ({ projectKey }) => question.project === undefined || projectKey === question.project,
    );
    if (found.length === 0) throw notFound(`Build "${build}"`);
    const projects = [...new Set(found.map(({ projectKey }) => projectKey))].sort();
    if (projects.length === 1) return found;
    throw new DomainError('invalid', 'ambiguous_build', 'Several projects have a build of that id: say which', {
      errors: [{ pointer: '/project', detail: `must be one of ${projects.join(', ')}` }],
    });
  }
}

const sideOf = (runs: readonly RunRecord[], tests: number): CompareSideAnswer => ({
  runIds: runs.map(({ runId }) => runId),
  branch: runs[0]?.branch ?? null,
  commit: runs[0]?.commit ?? null,
  tests,
});

const placeOf = (cursor: string): { readonly category: CompareCategory; readonly from: number } => {
  const [name, from] = decodeCursor(cursor, 2);
  const category = COMPARE_CATEGORIES.find((known) => known === name);
  if (category !== undefined && typeof from === 'number' && Number.isInteger(from) && from >= 0)
    return { category, from };
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};
