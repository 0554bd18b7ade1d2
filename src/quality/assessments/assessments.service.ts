import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, invalid, scopeKey, type Scope } from '../../common/index.js';
import { RunsRepository } from '../../executions/index.js';
import { countsOf, type DayRows, MetricsService, type MetricFilter, type TimeRange } from '../../metrics/index.js';
import type { Project } from '../../projects/index.js';
import { DefinitionsService, type Definitions } from '../definitions/definitions.service.js';
import type { FlakinessPosteriors } from '../domain/flakiness-posterior.js';
import { OUTAGE_RULE } from '../domain/outages.js';
import { type Assessment, type ClusterWindow, excludedOf, type FoundOutage, outagesOf } from './assessment.js';
import { aliased, readWhole, withoutStatuses } from './assessment-filter.js';
import type { Judging } from './judging.js';
import type { ScannedRun } from './outcome-collector.js';
import { JudgingThread } from './thread/judging-thread.js';

export interface AssessmentRequest {
  /** `statuses` is not looked at: a history without its passes says nothing. */
  readonly filter: MetricFilter;
  readonly range: TimeRange;
}

/** What an assessment stands on: equal keys, equal assessments. */
export interface AssessmentVersion {
  readonly key: string;
  /** The same for all versions of one request: only the newest of them is kept. */
  readonly request: string;
  /** What was read of the window and of its definitions: it stands still while other days grow. */
  readonly content: string;
  readonly asOf: number;
  readonly newestCommitAt?: Date;
  readonly now: number;
  readonly definitions: Definitions;
  readonly projects: readonly Project[];
}

const HOUR_MS = 3_600_000;
const KEPT_BYTES = 160 * 1024 * 1024;
const BYTES_PER_OUTCOME = 36;
const BYTES_PER_TEST = 1500;
/**
 * Attempts that one window may hold: in the thread that judges, at 28 bytes while they are collected (twice that as the
 * columns grow) and 24 more once they are sorted, 20 million take 1.5 GB.
 */
const MOST_ATTEMPTS = 20_000_000;
/** Windows of which only the failures were asked for, about half a megabyte each. */
const KEPT_CLUSTERS = 100;

interface KeptAssessment {
  readonly version: AssessmentVersion;
  readonly assessment: Assessment;
  /** Epoch ms. */
  readonly madeAt: number;
}

/** Histories and labels of tests. One scan of the attempts serves every figure of a scope and window. */
@Injectable()
export class AssessmentsService {
  /** For tests, which have no data of that size. */
  mostAttempts = MOST_ATTEMPTS;
  private readonly kept = new LRUCache<string, KeptAssessment>({
    maxSize: KEPT_BYTES,
    max: 500,
  });
  private readonly underway = new Map<string, Promise<Assessment>>();
  private readonly clustered = new LRUCache<string, { readonly content: string; readonly window: ClusterWindow }>({
    max: KEPT_CLUSTERS,
  });

  constructor(
    private readonly metrics: MetricsService,
    private readonly definitions: DefinitionsService,
    private readonly runs: RunsRepository,
    private readonly clock: Clock,
    private readonly thread: JudgingThread,
  ) {}

  /** Of this process, for what is judged here. */
  get posteriors(): FlakinessPosteriors {
    return this.thread.posteriors;
  }

  /**
   * Every test of a scope with its history and label in a window. Kept until the data version moves.
   * @throws DomainError 422 `query_too_broad`
   */
  async assess(scope: Scope, request: AssessmentRequest): Promise<Assessment> {
    const version = await this.version(scope, request);
    const known = this.known(version);
    if (known) return known;
    const running = this.underway.get(version.key) ?? this.begin(scope, request, version);
    return running;
  }

  /** Several windows at once: one is judged while the rows of another are read. */
  async assessAll<const Ranges extends readonly TimeRange[]>(
    scope: Scope,
    filter: MetricFilter,
    ranges: Ranges,
  ): Promise<{ -readonly [K in keyof Ranges]: Assessment }> {
    const all = await Promise.all(ranges.map((range) => this.assess(scope, { filter, range })));
    return all as { -readonly [K in keyof Ranges]: Assessment };
  }

  /** The failures of a window by their cause: a third of the work of `assess`, or none where that was done. */
  async clusters(scope: Scope, request: AssessmentRequest): Promise<ClusterWindow> {
    const version = await this.version(scope, request);
    const assessed = this.known(version) ?? (await this.underway.get(version.key));
    if (assessed) return assessed;
    const kept = this.clustered.get(version.request);
    if (kept?.content === version.content) return { ...kept.window, asOf: version.asOf };
    const found = await this.judging(scope, request, version, (judging) => judging.clusters());
    const window = { ...found, asOf: version.asOf };
    this.clustered.set(version.request, { content: version.content, window });
    return window;
  }

  /** What is in memory of a request, if it is not older than `maxAgeMs`; `isCurrent`: nothing has changed since. */
  async recent(
    scope: Scope,
    request: AssessmentRequest,
    maxAgeMs: number,
  ): Promise<{ readonly assessment: Assessment; readonly isCurrent: boolean } | undefined> {
    const known = this.kept.get(requestKey(scope, request));
    if (!known) return undefined;
    const current = this.known(await this.version(scope, request));
    if (current) return { assessment: current, isCurrent: true };
    if (this.clock.now().getTime() - known.madeAt > maxAgeMs) return undefined;
    return { assessment: known.assessment, isCurrent: false };
  }

  /** What is in memory, where it is what would be computed now: then it stands for the newest position too. */
  private known(version: AssessmentVersion): Assessment | undefined {
    const kept = this.kept.get(version.request);
    if (kept?.version.key === version.key) return kept.assessment;
    if (kept?.version.content !== version.content || kept.assessment.usedEarlierRuns) return undefined;
    const { asOf, newestCommitAt } = version;
    const assessment = { ...kept.assessment, asOf, ...(newestCommitAt && { newestCommitAt }) };
    this.keep(version, assessment, kept.madeAt);
    return assessment;
  }

  private keep(version: AssessmentVersion, assessment: Assessment, madeAt: number): void {
    const size = 1000 + assessment.outcomes * BYTES_PER_OUTCOME + assessment.tests.length * BYTES_PER_TEST;
    this.kept.set(version.request, { version, assessment, madeAt }, { size });
  }

  /** Cheap: no attempt is read. */
  async version(scope: Scope, { filter, range }: AssessmentRequest): Promise<AssessmentVersion> {
    const { projects, version, content: days } = await this.metrics.resolveContent(scope, filter, range);
    const { position, committedAt } = version;
    const definitions = await this.definitionsOf(scope, projects);
    // Evidence ages by the day; to the hour is exact enough, and the same for all who ask within it.
    const hour = Math.ceil(this.clock.now().getTime() / HOUR_MS) * HOUR_MS;
    const now = Math.min(hour, range.to.getTime());
    const asked = requestKey(scope, { filter, range });
    const defined = projects.map(({ id, definitionVersion }) => `${id}.${definitionVersion}`);
    const key = JSON.stringify([asked, [now, position], definitions.fingerprint, defined]);
    const content = JSON.stringify([days, now, definitions.fingerprint, defined]);
    return { key, request: asked, content, asOf: position, newestCommitAt: committedAt, now, definitions, projects };
  }

  definitionsOf(scope: Scope, projects: readonly Project[]): Promise<Definitions> {
    return this.definitions.of(
      scope,
      projects.map((project) => project.id),
    );
  }

  /** A filter by tests with all of their names, past and present. */
  async withAliases(scope: Scope, filter: MetricFilter): Promise<MetricFilter> {
    if (!filter.tests) return filter;
    return aliased(filter, await this.definitionsOf(scope, await this.metrics.projectsOf(scope, filter)));
  }

  private begin(scope: Scope, request: AssessmentRequest, version: AssessmentVersion): Promise<Assessment> {
    const work = this.compute(scope, request, version)
      .then((assessment) => {
        this.keep(version, assessment, this.clock.now().getTime());
        return assessment;
      })
      .finally(() => this.underway.delete(version.key));
    this.underway.set(version.key, work);
    return work;
  }

  private compute(scope: Scope, request: AssessmentRequest, version: AssessmentVersion): Promise<Assessment> {
    const { asOf, newestCommitAt, now, definitions } = version;
    return this.judging(scope, request, version, async (judging) => {
      const runs = await judging.runs();
      const { outages, usedEarlierRuns } = await this.findOutages(scope, runs);
      const excludedRuns = excludedOf(outages, definitions.outages);
      const judged = await judging.judge(excludedRuns, now);
      const head = { asOf, ...(newestCommitAt && { newestCommitAt }), range: request.range, now };
      return { ...head, ...judged, runs, outages, usedEarlierRuns, excludedRuns };
    });
  }

  /**
   * Out of rollups that a report keeps at hand. All attempts of the projects count, whatever else the filter says: see
   * `readWhole`.
   */
  private async checkExtent(scope: Scope, { filter: { projects, teams }, range }: AssessmentRequest): Promise<void> {
    const filter = { ...(projects && { projects }), ...(teams && { teams }) };
    const { totals } = await this.metrics.query(scope, { filter, range, attempts: 'all' });
    const { executions } = countsOf(totals);
    if (executions <= this.mostAttempts) return;
    throw invalid('query_too_broad', `${executions} attempts would have to be judged, more than ${this.mostAttempts}`, [
      { pointer: '/from', detail: 'ask for a shorter range or fewer projects' },
    ]);
  }

  /** Hands the rows of a window over, and asks what they come to. @throws DomainError 422 `query_too_broad` */
  private async judging<T>(
    scope: Scope,
    { filter, range }: AssessmentRequest,
    { definitions }: AssessmentVersion,
    ask: (judging: Judging<DayRows>) => Promise<T>,
  ): Promise<T> {
    await this.checkExtent(scope, { filter, range });
    const judging = this.thread.begin(definitions.aliases);
    try {
      const query = { filter: readWhole(aliased(filter, definitions)), range, attempts: 'all' } as const;
      for await (const day of this.metrics.scanRows(scope, query)) judging.add(day);
      return await ask(judging);
    } catch (error) {
      judging.drop();
      throw error;
    }
  }

  /** The rule compares with the 20 runs before; where the window begins among them, the run list gives the rest. */
  private async findOutages(
    scope: Scope,
    runs: readonly ScannedRun[],
  ): Promise<{ readonly outages: FoundOutage[]; readonly usedEarlierRuns: boolean }> {
    const suspicious = runs.filter(
      (run) => run.judged >= OUTAGE_RULE.minimumOutcomes && run.failed > run.judged * OUTAGE_RULE.failedAbove,
    );
    if (suspicious.length === 0) return { outages: [], usedEarlierRuns: false };
    let usedEarlierRuns = false;
    const earlier: ScannedRun[] = [];
    for (const { projectId, branch } of distinctBranches(suspicious)) {
      const ofBranch = runs.filter((run) => run.projectId === projectId && run.branch === branch);
      const first = Math.min(...ofBranch.map((run) => run.startedAt));
      const suspects = suspicious.filter((run) => run.projectId === projectId && run.branch === branch);
      const fewest = Math.min(
        ...suspects.map((suspect) => ofBranch.filter((run) => run.startedAt < suspect.startedAt).length),
      );
      if (fewest >= OUTAGE_RULE.runsBefore) continue;
      usedEarlierRuns = true;
      earlier.push(...(await this.runsBefore(scope, ofBranch[0]!, first)));
    }
    const inWindow = new Set(runs.map((run) => run.runId));
    const before = earlier.filter((run) => !inWindow.has(run.runId));
    const outages = outagesOf([...before, ...runs]).filter((outage) => inWindow.has(outage.runId));
    return { outages, usedEarlierRuns };
  }

  private async runsBefore(
    scope: Scope,
    { projectId, projectKey, branch }: ScannedRun,
    before: number,
  ): Promise<ScannedRun[]> {
    const filter = { projects: [projectKey], to: new Date(before), ...(branch !== '' && { branches: [branch] }) };
    // Without a branch the list cannot be asked for it: among the newest hundred there are enough.
    const { items } = await this.runs.list(scope, filter, branch === '' ? 100 : 2 * OUTAGE_RULE.runsBefore);
    return items
      .filter((run) => (run.branch ?? '') === branch)
      .map(({ runId, startedAt, totals: { passed, failed, broken, timeout }, commit = '', environment = '' }) => ({
        ...{ runId, projectId, projectKey, branch, commit, environment },
        startedAt: startedAt.getTime(),
        judged: passed + failed + broken + timeout,
        failed: failed + broken + timeout,
        matched: 0,
      }));
  }
}

const requestKey = (scope: Scope, { filter, range }: AssessmentRequest): string =>
  JSON.stringify([
    scopeKey(scope),
    Object.entries(withoutStatuses(filter)).sort(([a], [b]) => (a < b ? -1 : 1)),
    [range.from.getTime(), range.to.getTime()],
  ]);

const distinctBranches = (runs: readonly ScannedRun[]): ScannedRun[] => [
  ...new Map(runs.map((run) => [`${run.projectId}\0${run.branch}`, run])).values(),
];
