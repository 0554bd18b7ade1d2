import { seededRandom } from '../../../common/stats/index.js';
import type { HistoryRun, TestHistory } from '../test-history.js';
import { runTable } from '../test-history.js';

export const DAY_MS = 86_400_000;

export interface Told {
  readonly status: number;
  readonly commit?: string;
  readonly branch?: string;
  readonly attempts?: number;
  readonly flaky?: boolean;
  readonly durationMs?: number;
  readonly at?: number;
}

/** A history of one test: each outcome in a run of its own, a day apart unless told otherwise. */
export const tell = (outcomes: readonly Told[], excluded: ReadonlySet<string> = new Set()): TestHistory => {
  const runs: HistoryRun[] = outcomes.map((one, i) => ({
    runId: `run-${i}`,
    startedAt: one.at ?? i * DAY_MS,
    commit: one.commit ?? `commit-${i}`,
    branch: one.branch ?? 'main',
    environment: '',
  }));
  return {
    length: outcomes.length,
    at: Float64Array.from(outcomes, (one, i) => one.at ?? i * DAY_MS),
    status: Uint8Array.from(outcomes, (one) => one.status),
    run: Uint32Array.from(outcomes, (_, i) => i),
    attempts: Uint16Array.from(outcomes, (one) => one.attempts ?? 1),
    flakyInRun: Uint8Array.from(outcomes, (one) => (one.flaky ? 1 : 0)),
    durationUs: Float64Array.from(outcomes, (one) => (one.durationMs ?? NaN) * 1000),
    table: runTable(runs, excluded),
  };
};

/** 'PPF' and so on; S is skipped. */
export const outcomes = (text: string): Told[] =>
  Array.from(text, (c) => ({ status: c === 'P' ? 0 : c === 'S' ? 4 : 1 }));
export const told = (text: string): TestHistory => tell(outcomes(text));
export const failedOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => (c === 'F' ? 1 : 0));

/** Outcomes of a two-state Markov chain that begins with a pass. */
export const chain = (n: number, breaks: number, heals: number, random: () => number): Uint8Array => {
  const failed = new Uint8Array(n);
  for (let i = 1; i < n; i++) {
    const changes = random() < (failed[i - 1] === 1 ? heals : breaks);
    failed[i] = changes ? 1 - failed[i - 1]! : failed[i - 1]!;
  }
  return failed;
};
export { seededRandom };
