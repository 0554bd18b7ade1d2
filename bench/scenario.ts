import type { BenchOptions } from './options.js';
import type { Baselines } from './baselines/baselines.js';
import type { Client } from './client.js';
import type { Service } from './service.js';
import type { Timing } from './measure.js';
import type { World } from './world.js';

/** What every scenario gets. */
export interface Bench {
  readonly options: BenchOptions;
  readonly service: Service;
  readonly client: Client;
  readonly world: World;
  /** Absent with --no-baselines. */
  readonly baselines: Baselines | undefined;
}

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly service?: Timing;
  /** Median ms of the same query elsewhere, over the same rows. */
  readonly mongoMs?: number;
  readonly duckdbMs?: number;
  /** The target, and whether it holds. */
  readonly targets: readonly Target[];
  /** Differences between the answers; undefined where nothing was compared. */
  readonly differences?: readonly string[];
  readonly note?: string;
}

export interface Target {
  readonly text: string;
  readonly met: boolean;
}

export interface Scenario {
  /** Part of what `--only` matches. */
  readonly id: string;
  run(bench: Bench): Promise<readonly Row[]>;
}

export const p95Target = (timing: Timing, ms: number): Target => ({
  text: `p95 <= ${ms} ms`,
  met: timing.p95 <= ms,
});
