import { Injectable } from '@nestjs/common';
import type { Page, Scope } from '../common/index.js';
import { resultIdOf, ResultsRepository, type StoredResult } from '../executions/index.js';
import { previousRange, type MetricFilter, type TimeRange } from '../metrics/index.js';
import type { ClusterWindow } from './assessments/assessment.js';
import { AssessmentsService } from './assessments/assessments.service.js';
import {
  CLUSTER_STATES,
  clusterStates,
  type ClusterState,
  type FailureCluster,
} from './assessments/failure-clusters.js';
import { pageOf } from './keyset-page.js';
import { TestNames, type TestName } from './tests/test-names.service.js';

/** A cluster with what it needs to be read; `from` is the window that it was counted in. */
export interface ClusterEntry {
  readonly cluster: FailureCluster;
  readonly state: ClusterState;
  readonly projectKey: string;
  readonly tests: readonly TestName[];
  readonly runIds: readonly string[];
  /** The newest failure; absent where its document is gone. */
  readonly example?: StoredResult;
}

export interface ClustersAnswer {
  readonly asOf: number;
  readonly previousRange: TimeRange;
  readonly counts: Readonly<Record<ClusterState, number>>;
  readonly page: Page<ClusterEntry> & { readonly total: number };
}

interface Placed {
  readonly key: string;
  readonly state: ClusterState;
  readonly cluster: FailureCluster;
  readonly window: ClusterWindow;
}

const LINKS = 20;

/** Failures of one cause (statistics.md section 7), against the window before. */
@Injectable()
export class ClustersService {
  constructor(
    private readonly assessments: AssessmentsService,
    private readonly names: TestNames,
    private readonly results: ResultsRepository,
  ) {}

  /** New ones first, then by size. */
  async list(
    scope: Scope,
    request: {
      readonly filter: MetricFilter;
      readonly range: TimeRange;
      readonly states?: readonly ClusterState[];
      readonly limit: number;
      readonly cursor?: string;
    },
  ): Promise<ClustersAnswer> {
    const { filter, range, states, limit, cursor } = request;
    const before = previousRange(range);
    const clustersIn = (window: TimeRange) => this.assessments.clusters(scope, { filter, range: window });
    const [now, past] = await Promise.all([clustersIn(range), clustersIn(before)]);
    const counts = { new: 0, known: 0, resolved: 0 };
    const placed = clusterStates(now.clusters, past.clusters).map(({ key, state, inNow }): Placed => {
      const window = inNow ? now : past;
      counts[state] += 1;
      return { key, state, window, cluster: window.clusters.get(key)! };
    });
    const wanted = placed.filter(({ state }) => !states || states.includes(state));
    const keysOf = ({ state, cluster, key }: Placed) => [CLUSTER_STATES.indexOf(state), -cluster.failures, key];
    const { items, ...page } = pageOf(wanted, keysOf, limit, cursor);
    return {
      asOf: now.asOf,
      previousRange: before,
      counts,
      page: { ...page, items: await this.describe(scope, items) },
    };
  }

  private async describe(scope: Scope, placed: readonly Placed[]): Promise<ClusterEntry[]> {
    const entries: (ClusterEntry & { readonly exampleId?: string })[] = [];
    for (const { cluster, state, window } of placed) {
      const { projectId, example } = cluster;
      const members = [...cluster.tests].slice(0, LINKS).map((index) => window.scanned[index]!);
      const names = await this.names.of([...members, { projectId, number: example.number }]);
      const exampleOf = names.get(`${projectId}:${example.number}`);
      const run = window.runs[example.run]!;
      entries.push({
        ...{ cluster, state },
        projectKey: run.projectKey,
        tests: members.flatMap(({ number }) => names.get(`${projectId}:${number}`) ?? []),
        runIds: newestOf(cluster, window),
        ...(exampleOf && {
          exampleId: resultIdOf(run.startedAt / 1000, run.runId, exampleOf.testId, example.attempt).toString('hex'),
        }),
      });
    }
    const ids = entries.flatMap(({ exampleId }) => exampleId ?? []);
    const results = new Map((await this.results.findByIds(scope, ids)).map((result) => [result.resultId, result]));
    return entries.map(({ exampleId = '', ...entry }) => {
      const example = results.get(exampleId);
      return { ...entry, ...(example && { example }) };
    });
  }
}

const newestOf = (cluster: FailureCluster, { runs }: ClusterWindow): string[] =>
  [...cluster.runs]
    .map((index) => runs[index]!)
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, LINKS)
    .map((run) => run.runId);
