import type { StoredPrincipal } from '../../auth/index.js';
import type { JobOptions, JobOutcome } from './job.js';
import type { CatchUp } from './catch-up.js';
import type { Timing } from './timing.js';

export interface Target {
  /** Of a registered job. */
  readonly kind: string;
  readonly options: JobOptions;
}

export interface Delivery {
  /** Ids of channels that hear of each run that succeeded. */
  readonly channels: readonly string[];
  /** Whether the owner does too. */
  readonly notifyOwner: boolean;
  /** Whether files go with an email where they are small enough; else a link. */
  readonly attachFiles: boolean;
}

export interface FailurePolicy {
  /** After so many failed runs in a row somebody is told, once. */
  readonly alertAfter: number;
  /** Who, besides the owner. */
  readonly channels: readonly string[];
  /** After so many failed runs in a row the schedule is paused; absent: never. */
  readonly pauseAfter?: number;
}

/** What people decide about a schedule. */
export interface ScheduleSettings {
  readonly name: string;
  readonly description?: string;
  readonly timing: Timing;
  readonly target: Target;
  readonly delivery: Delivery;
  readonly catchUp: CatchUp;
  readonly onFailure: FailurePolicy;
}

export const SCHEDULE_STATES = ['active', 'paused'] as const;
export type ScheduleState = (typeof SCHEDULE_STATES)[number];

export interface LastRun {
  readonly runId: string;
  readonly status: RunStatus;
  readonly finishedAt: Date;
}

export interface Schedule extends ScheduleSettings {
  readonly scheduleId: string;
  /** Under whose rights it runs: who saved it last. */
  readonly owner: StoredPrincipal;
  readonly state: ScheduleState;
  readonly pausedReason?: string;
  /** Absent while it is paused, and where no occurrence is left. */
  readonly nextRunAt?: Date;
  readonly failuresInRow: number;
  readonly lastRun?: LastRun;
  /** Moves with each change of the settings. */
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const RUN_STATUSES = ['pending', 'running', 'succeeded', 'failed', 'skipped'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const RUN_TRIGGERS = ['planned', 'catch_up', 'manual'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

export interface RunError {
  readonly code: string;
  readonly detail: string;
}

/** One occurrence of a schedule, whatever became of it. */
export interface ScheduleRun {
  readonly runId: string;
  readonly scheduleId: string;
  readonly trigger: RunTrigger;
  /** The instant that was planned; of a manual run, the one at which it was asked for. */
  readonly plannedAt: Date;
  readonly status: RunStatus;
  /** Who asked for a manual run. */
  readonly requestedBy?: string;
  /** Tries so far: more than one where a process was killed or something was away. */
  readonly attempts: number;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  readonly durationMs?: number;
  readonly outcome?: JobOutcome;
  readonly error?: RunError;
  /** Why it was skipped. */
  readonly note?: string;
}

/** A run that this process holds; `fence` proves it. */
export interface HeldRun extends ScheduleRun {
  readonly fence: number;
}
