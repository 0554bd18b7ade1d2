import type { TimeRange } from '../../metrics/index.js';
import type { TestAssessment } from '../domain/flakiness.js';
import { excludedRunIds, findOutages, type Outage } from '../domain/outages.js';
import type { RunTable, TestHistory } from '../domain/test-history.js';
import type { FailureCluster } from './failure-clusters.js';
import type { ScannedRun, ScannedTest } from './outcome-collector.js';

/** One test with everything that is known of it in the window. */
export interface AssessedTest extends ScannedTest {
  readonly history: TestHistory;
  readonly assessment: TestAssessment;
}

/** What people decided about runs: out by hand, or put back. */
export interface OutageDecisions {
  readonly excluded: ReadonlySet<string>;
  readonly putBack: ReadonlySet<string>;
}

/** Outages that the rule found, before anybody decided otherwise. */
export interface FoundOutage extends Outage {
  readonly projectId: string;
  readonly projectKey: string;
}

/** What takes the time: histories sorted out and judged. */
export interface Judged {
  /** In no particular order; `history.run` and `assessment.evidenceRuns` are indices into `table.runs`. */
  readonly tests: readonly AssessedTest[];
  readonly table: RunTable;
  readonly clusters: ReadonlyMap<string, FailureCluster>;
  /** By the dense index that clusters count tests with. */
  readonly scanned: readonly ScannedTest[];
  readonly retries: { readonly outcomes: number; readonly wastedMs: number; readonly runs: readonly string[] };
  readonly outcomes: number;
}

/** The failures of a window by their cause, which nothing has to be judged for. */
export type ClusterWindow = Pick<Assessment, 'asOf' | 'clusters' | 'scanned' | 'runs'>;

/** Everything that a scope's histories say of a window; shared by ranking, quality metrics, gates and reports. */
export interface Assessment extends Judged {
  /** Position in the commit log. */
  readonly asOf: number;
  readonly newestCommitAt?: Date;
  readonly range: TimeRange;
  /** Epoch ms that labels were given at. */
  readonly now: number;
  /** The runs of `table`, with their tallies. */
  readonly runs: readonly ScannedRun[];
  readonly outages: readonly FoundOutage[];
  /** The rule had to look at runs before the window, so that it depends on more than the window holds. */
  readonly usedEarlierRuns: boolean;
  /** Runs that are no evidence. */
  readonly excludedRuns: ReadonlySet<string>;
}

/** The rule looks at each project by itself: two projects may have a branch of one name. */
export const outagesOf = (runs: readonly ScannedRun[]): FoundOutage[] => {
  const byProject = new Map<string, ScannedRun[]>();
  for (const run of runs) {
    const known = byProject.get(run.projectId);
    if (known) known.push(run);
    else byProject.set(run.projectId, [run]);
  }
  return [...byProject.values()].flatMap((ofProject) => {
    const { projectId, projectKey } = ofProject[0]!;
    return findOutages(ofProject).map((outage) => ({ ...outage, projectId, projectKey }));
  });
};

export const excludedOf = (outages: readonly Outage[], decisions: OutageDecisions): Set<string> =>
  new Set([...excludedRunIds(outages, decisions.putBack), ...decisions.excluded]);
