import { type DayRows, FAILED, ROW_FINAL, ROW_STATUS } from '../../metrics/index.js';
import { type Group, type GroupDimension, groupKey } from './rule.js';
import { groupOfRow } from './row-groups.js';

const DAY_MS = 86_400_000;
/** A failure cluster is named as the cause when it stands for at least this share of the failures. */
const DOMINANT = 0.5;

/** A failed outcome that can be looked up. */
export interface FailureExample {
  readonly projectId: string;
  readonly number: number;
  readonly runId: string;
  readonly runStartedAtSeconds: number;
  readonly attempt: number;
}

/** What most probably is behind an alert: the run with the most failures, and the cluster most of them belong to. */
export interface Suspect {
  readonly runId: string;
  readonly commit: string;
  readonly branch: string;
  readonly projectId: string;
  readonly projectKey: string;
  readonly startedAt: Date;
  /** Failed outcomes in the window, of the run among them, and of the cluster. */
  readonly failures: number;
  readonly failuresOfRun: number;
  readonly fingerprint?: string;
  readonly failuresOfCluster: number;
  readonly example?: FailureExample;
}

interface RunTally {
  readonly runId: string;
  readonly commit: string;
  readonly branch: string;
  readonly projectId: string;
  readonly projectKey: string;
  readonly startedAt: number;
  failures: number;
}

interface ClusterTally {
  failures: number;
  at: number;
  example: FailureExample;
}

interface GroupTally {
  readonly runs: Map<string, RunTally>;
  readonly clusters: Map<string, ClusterTally>;
  failures: number;
}

/** Tallies the outcomes of a window by group: feed it its days in any order. */
export class SuspectCollector {
  private readonly groups = new Map<string, GroupTally>();

  constructor(private readonly dimensions: readonly GroupDimension[]) {}

  add(day: DayRows): void {
    const { rows, match } = day;
    for (let i = 0; i < rows.length; i++) {
      if (match[i] === 0 || (rows.flags[i]! & ROW_FINAL) === 0) continue;
      this.addOutcome(day, i, FAILED[rows.flags[i]! & ROW_STATUS] === true);
    }
  }

  /** The suspect of a group; undefined where it had no outcome. Without failures it is the newest run. */
  of(group: Group): Suspect | undefined {
    const tally = this.groups.get(groupKey(group));
    if (!tally) return undefined;
    const run = [...tally.runs.values()].reduce((best, one) => (isMoreSuspect(one, best) ? one : best));
    const cluster = [...tally.clusters].sort(([, a], [, b]) => b.failures - a.failures || b.at - a.at)[0];
    const dominant = cluster && cluster[1].failures >= DOMINANT * tally.failures ? cluster : undefined;
    const { failures: failuresOfRun, startedAt, ...facts } = run;
    return {
      ...facts,
      startedAt: new Date(startedAt),
      failures: tally.failures,
      failuresOfRun,
      failuresOfCluster: dominant?.[1].failures ?? 0,
      ...(dominant && { fingerprint: dominant[0], example: dominant[1].example }),
    };
  }

  private addOutcome(day: DayRows, i: number, failed: boolean): void {
    const { rows, projectId, projectKey } = day;
    const { runId, startedAtSeconds, commit } = rows.runs[rows.run[i]!]!;
    const tally = this.tallyOf(groupOfRow(this.dimensions, day, i));
    const run = tally.runs.get(runId) ?? {
      ...{ runId, commit, projectId, projectKey, failures: 0 },
      branch: rows.groups[rows.group[i]!]!.branch,
      startedAt: startedAtSeconds * 1000,
    };
    tally.runs.set(runId, run);
    if (!failed) return;
    run.failures++;
    tally.failures++;
    const fingerprint = rows.fingerprints[rows.fingerprint[i]!] ?? '';
    if (fingerprint === '') return;
    const at = day.day * DAY_MS + rows.at[i]!;
    const known = tally.clusters.get(fingerprint);
    const number = rows.test[i]!;
    const example = { projectId, number, runId, runStartedAtSeconds: startedAtSeconds, attempt: rows.attempt[i]! };
    if (!known) tally.clusters.set(fingerprint, { failures: 1, at, example });
    else Object.assign(known, { failures: known.failures + 1, ...(at >= known.at && { at, example }) });
  }

  private tallyOf(group: Group): GroupTally {
    const key = groupKey(group);
    const tally = this.groups.get(key) ?? { runs: new Map(), clusters: new Map(), failures: 0 };
    this.groups.set(key, tally);
    return tally;
  }
}

const isMoreSuspect = (one: RunTally, best: RunTally): boolean =>
  one.failures !== best.failures ? one.failures > best.failures : one.startedAt > best.startedAt;

/** As it is kept with the alert and told to people. */
export interface Culprit extends Omit<Suspect, 'example' | 'projectId'> {
  readonly runName?: string;
  /** The first line of an error of the cluster. */
  readonly error?: string;
  readonly testId?: string;
  readonly testName?: string;
  readonly resultId?: string;
}
