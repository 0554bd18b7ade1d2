import { Schema, type Types } from 'mongoose';
import type { Run, RunInput, RunState } from '../domain/model.js';
import type { RunTotals } from '../domain/run-record.js';

/** Who writes to a run right now. `owner` tells whether the process still lives: see `lease-owner.ts`. */
export interface LeaseDocument {
  token: string;
  owner: string;
  until: Date;
}

/** One member of an object whose keys are the client's: they may hold dots. */
export interface Pair<T> {
  k: string;
  v: T;
}

export interface RunDocument {
  _id: Types.ObjectId;
  o: string;
  p: Types.ObjectId;
  /** Key of the project. */
  pk: string;
  /** Hash of what makes the run the same run when it is sent again; `deleted:<id>` once it is deleted. */
  key: string;
  externalId: string;
  build?: RunInput['build'];
  kind: Run['kind'];
  name?: string;
  branch?: string;
  commit?: string;
  commitTime?: Date;
  pullRequest?: string;
  environment?: string;
  ci?: RunInput['ci'];
  triggeredBy?: string;
  attributes?: Pair<string>[];
  tags: string[];
  startedAt: Date;
  finishedAt?: Date;
  status: Run['status'];
  workers?: number;
  metrics?: Pair<number>[];
  resources?: RunInput['resources'];
  generation: number;
  summarised: number;
  days: number[];
  state: RunState;
  totals: RunTotals;
  /** The attempts that came last; absent in runs from before it was kept. */
  newest?: { t: number; a: number; s: number }[];
  shardsSeen: number[];
  /** generation > summarised: somebody owes a summary. */
  pending?: true;
  /** The results are being removed; the state is already the new one. */
  removing?: true;
  /** A stream is between two chunks: not to be swept before, unless its process is gone. */
  stream?: { owner: string; until: Date };
  lease?: LeaseDocument;
  createdAt: Date;
  updatedAt: Date;
}

const Mixed = Schema.Types.Mixed;

export const RunSchema = new Schema<RunDocument>(
  {
    o: { type: String, required: true },
    p: { type: Schema.Types.ObjectId, required: true },
    pk: { type: String, required: true },
    key: { type: String, required: true },
    externalId: { type: String, required: true },
    build: Mixed,
    kind: String,
    name: String,
    branch: String,
    commit: String,
    commitTime: Date,
    pullRequest: String,
    environment: String,
    ci: Mixed,
    triggeredBy: String,
    attributes: Mixed,
    tags: [String],
    startedAt: { type: Date, required: true },
    finishedAt: Date,
    status: String,
    workers: Number,
    metrics: Mixed,
    resources: Mixed,
    generation: Number,
    summarised: Number,
    days: [Number],
    state: String,
    totals: Mixed,
    newest: Mixed,
    shardsSeen: [Number],
    pending: Boolean,
    removing: Boolean,
    stream: Mixed,
    lease: Mixed,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'runs', versionKey: false },
)
  .index({ o: 1, p: 1, key: 1 }, { unique: true })
  .index({ o: 1, startedAt: -1, _id: -1 })
  .index({ p: 1, startedAt: -1, _id: -1 })
  .index({ o: 1, 'build.id': 1 }, { partialFilterExpression: { 'build.id': { $exists: true } } })
  .index({ o: 1, commit: 1 }, { partialFilterExpression: { commit: { $exists: true } } })
  .index({ pending: 1 }, { partialFilterExpression: { pending: true } })
  .index({ removing: 1 }, { partialFilterExpression: { removing: true } })
  .index({ updatedAt: 1 }, { partialFilterExpression: { status: 'running' } });

export const RUN = 'Run';
