import { Schema, type Types } from 'mongoose';
import type { StoredPrincipal } from '../../auth/index.js';
import type { JobOutcome } from '../domain/job.js';
import type {
  Delivery,
  FailurePolicy,
  LastRun,
  RunError,
  RunStatus,
  RunTrigger,
  ScheduleState,
} from '../domain/schedule.js';
import type { CatchUp } from '../domain/catch-up.js';
import type { Timing } from '../domain/timing.js';

export interface ScheduleDocument {
  _id: Types.ObjectId;
  o: string;
  /** Keys of the projects that its owner is confined to; null for all: who may not see one may not see the schedule. */
  pk: string[] | null;
  name: string;
  description?: string;
  timing: Timing;
  kind: string;
  /** As JSON: whatever keys a job's options have, none of them is an operator here. */
  options: string;
  delivery: Delivery;
  catchUp: CatchUp;
  onFailure: FailurePolicy;
  owner: StoredPrincipal;
  state: ScheduleState;
  pausedReason?: string;
  nextRunAt?: Date;
  failuresInRow: number;
  lastRun?: LastRun;
  version: number;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
  /** Who works on its runs, until when; absent: nobody. `fence` moves with each claim. */
  leaseOwner?: string;
  leaseUntil?: Date;
  fence: number;
}

export interface RunDocument {
  _id: Types.ObjectId;
  o: string;
  s: Types.ObjectId;
  /** What makes it one occurrence and no other: the planned instant, or the request of a manual run. */
  key: string;
  trigger: RunTrigger;
  plannedAt: Date;
  status: RunStatus;
  requestedBy?: string;
  attempts: number;
  /** Of the claim that ran it last. */
  fence: number;
  /** Nobody takes it before: a retry's pause, or the end of its holder's lease. */
  notBefore?: Date;
  startedAt?: Date;
  finishedAt?: Date;
  outcome?: JobOutcome;
  error?: RunError;
  note?: string;
}

const required = { required: true } as const;
const plain = { type: Schema.Types.Mixed } as const;

export const ScheduleSchema = new Schema<ScheduleDocument>(
  {
    o: { type: String, ...required },
    pk: { type: [String], default: null },
    name: { type: String, ...required },
    description: String,
    timing: { ...plain, ...required },
    kind: { type: String, ...required },
    options: { type: String, ...required },
    delivery: { ...plain, ...required },
    catchUp: { ...plain, ...required },
    onFailure: { ...plain, ...required },
    owner: { ...plain, ...required },
    state: { type: String, ...required },
    pausedReason: String,
    nextRunAt: Date,
    failuresInRow: { type: Number, ...required },
    lastRun: plain,
    version: { type: Number, ...required },
    createdBy: { type: String, ...required },
    createdAt: { type: Date, ...required },
    updatedAt: { type: Date, ...required },
    leaseOwner: String,
    leaseUntil: Date,
    fence: { type: Number, ...required },
  },
  { collection: 'schedules', versionKey: false, minimize: false },
)
  .index({ o: 1, name: 1 }, { unique: true })
  .index({ state: 1, nextRunAt: 1 });

export const RunSchema = new Schema<RunDocument>(
  {
    o: { type: String, ...required },
    s: { type: Schema.Types.ObjectId, ...required },
    key: { type: String, ...required },
    trigger: { type: String, ...required },
    plannedAt: { type: Date, ...required },
    status: { type: String, ...required },
    requestedBy: String,
    attempts: { type: Number, ...required },
    fence: { type: Number, ...required },
    notBefore: Date,
    startedAt: Date,
    finishedAt: Date,
    outcome: plain,
    error: plain,
    note: String,
  },
  { collection: 'schedule_runs', versionKey: false, minimize: false },
)
  .index({ s: 1, key: 1 }, { unique: true })
  .index({ s: 1, plannedAt: -1, _id: -1 })
  .index({ finishedAt: 1 })
  .index(
    { notBefore: 1 },
    { name: 'unfinished', partialFilterExpression: { status: { $in: ['pending', 'running'] } } },
  );

export const SCHEDULE = 'Schedule';
export const SCHEDULE_RUN = 'ScheduleRun';
