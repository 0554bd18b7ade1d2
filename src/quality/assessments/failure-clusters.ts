/** A failed outcome as a cluster counts it; `test` and `run` are dense indices of the collector. */
export interface ClusterHit {
  readonly at: number;
  readonly test: number;
  readonly run: number;
  readonly suite: string;
  readonly branch: string;
  /** Attempt and raw number of the test: with the run they name the result document. */
  readonly attempt: number;
  readonly number: number;
}

/** Failed outcomes of one project with one fingerprint (statistics.md section 7). */
export interface FailureCluster {
  readonly projectId: string;
  readonly fingerprint: string;
  failures: number;
  readonly tests: Set<number>;
  readonly runs: Set<number>;
  readonly suites: Set<string>;
  readonly branches: Set<string>;
  firstAt: number;
  lastAt: number;
  /** The newest failure. */
  example: ClusterHit;
}

export class FailureClusters {
  private readonly byKey = new Map<string, FailureCluster>();

  add(projectId: string, fingerprint: string, hit: ClusterHit): void {
    const key = `${projectId}:${fingerprint}`;
    let cluster = this.byKey.get(key);
    if (!cluster) {
      const sets = { tests: new Set<number>(), runs: new Set<number>(), suites: new Set<string>() };
      const times = { firstAt: hit.at, lastAt: hit.at };
      cluster = { projectId, fingerprint, failures: 0, ...sets, branches: new Set(), ...times, example: hit };
      this.byKey.set(key, cluster);
    }
    cluster.failures += 1;
    cluster.tests.add(hit.test);
    cluster.runs.add(hit.run);
    cluster.suites.add(hit.suite);
    cluster.branches.add(hit.branch);
    cluster.firstAt = Math.min(cluster.firstAt, hit.at);
    if (hit.at >= cluster.lastAt) {
      cluster.lastAt = hit.at;
      cluster.example = hit;
    }
  }

  /** By project id and fingerprint, joined with a colon. */
  all(): ReadonlyMap<string, FailureCluster> {
    return this.byKey;
  }
}

export const CLUSTER_STATES = ['new', 'known', 'resolved'] as const;
export type ClusterState = (typeof CLUSTER_STATES)[number];

/** new: not in the window before; resolved: only in the window before; known: in both. */
export const clusterStates = (
  now: ReadonlyMap<string, FailureCluster>,
  before: ReadonlyMap<string, FailureCluster>,
): { readonly key: string; readonly state: ClusterState; readonly inNow: boolean }[] => [
  ...[...now.keys()].map((key) => ({
    key,
    state: before.has(key) ? ('known' as const) : ('new' as const),
    inNow: true,
  })),
  ...[...before.keys()]
    .filter((key) => !now.has(key))
    .map((key) => ({ key, state: 'resolved' as const, inNow: false })),
];
