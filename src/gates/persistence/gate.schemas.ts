import { Schema, Types } from 'mongoose';
import type { GateRule } from '../domain/gate.js';

/** A gate of a project, or of the organization where `pk` is null. */
export interface GateDocument {
  _id: Types.ObjectId;
  o: string;
  pk: string | null;
  name: string;
  description?: string;
  enabled: boolean;
  baseBranch: string;
  window: number;
  rules: GateRule[];
  version: number;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export const GATE = 'QualityGate';

export const GateSchema = new Schema<GateDocument>(
  {
    o: { type: String, required: true },
    pk: { type: String, default: null },
    name: { type: String, required: true },
    description: String,
    enabled: { type: Boolean, required: true },
    baseBranch: { type: String, required: true },
    window: { type: Number, required: true },
    rules: [{ type: { rule: String, threshold: Number, severity: String, minimumSample: Number }, _id: false }],
    version: { type: Number, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'quality_gates', versionKey: false },
)
  // one gate that is switched on per project, and one for the rest of the organization
  .index({ o: 1, pk: 1 }, { unique: true, partialFilterExpression: { enabled: true } })
  .index({ o: 1, _id: 1 });

/** A verdict as it was answered, in full: a later question at the same data gets the same. */
export interface VerdictDocument {
  _id: Types.ObjectId;
  o: string;
  pk: string;
  /** `run:<id>` or `build:<id>`, with what was asked besides. */
  subject: string;
  version: number;
  /** Generations and states of the runs: a new one means that results came in. */
  runsKey: string;
  /** Everything that the verdict depends on. */
  dataKey: string;
  contentHash: string;
  verdict: string;
  /** The answer as JSON. */
  answer: string;
  at: Date;
}

export const VERDICT = 'GateVerdict';

export const VerdictSchema = new Schema<VerdictDocument>(
  {
    o: { type: String, required: true },
    pk: { type: String, required: true },
    subject: { type: String, required: true },
    version: { type: Number, required: true },
    runsKey: { type: String, required: true },
    dataKey: { type: String, required: true },
    contentHash: { type: String, required: true },
    verdict: { type: String, required: true },
    answer: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'gate_verdicts', versionKey: false },
).index({ o: 1, pk: 1, subject: 1, version: -1 }, { unique: true });

/** One stay of a test in quarantine; kept when it has ended. */
export interface QuarantineDocument {
  _id: Types.ObjectId;
  o: string;
  p: Types.ObjectId;
  pk: string;
  t: string;
  no: number;
  suite: string;
  name: string;
  file?: string;
  parameters?: { k: string; v: string }[];
  reason: string;
  owner: string;
  origin: 'manual' | 'policy';
  createdBy: string;
  createdAt: Date;
  expiresAt: Date;
  active: boolean;
  endedAt?: Date;
  endReason?: 'lifted' | 'expired' | 'stable';
  endedBy?: string;
}

export const QUARANTINE = 'Quarantine';

export const QuarantineSchema = new Schema<QuarantineDocument>(
  {
    o: { type: String, required: true },
    p: { type: Schema.Types.ObjectId, required: true },
    pk: { type: String, required: true },
    t: { type: String, required: true },
    no: { type: Number, required: true },
    suite: { type: String, default: '' },
    name: { type: String, required: true },
    file: String,
    parameters: { type: [{ type: { k: String, v: String }, _id: false }], default: undefined },
    reason: { type: String, required: true },
    owner: { type: String, required: true },
    origin: { type: String, required: true },
    createdBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    active: { type: Boolean, required: true },
    endedAt: Date,
    endReason: String,
    endedBy: String,
  },
  { collection: 'quarantines', versionKey: false },
)
  // one stay at a time
  .index({ p: 1, no: 1 }, { unique: true, partialFilterExpression: { active: true } })
  .index({ o: 1, _id: -1 })
  .index({ active: 1, expiresAt: 1 });

export interface PolicyDocument {
  /** Id of the project. */
  _id: Types.ObjectId;
  o: string;
  pk: string;
  enabled: boolean;
  labels: string[];
  minFlakinessLow: number;
  maxTests: number;
  expireDays: number;
  stableAfterRuns: number;
  updatedBy: string;
  updatedAt: Date;
}

export const QUARANTINE_POLICY = 'QuarantinePolicy';

export const PolicySchema = new Schema<PolicyDocument>(
  {
    _id: Schema.Types.ObjectId,
    o: { type: String, required: true },
    pk: { type: String, required: true },
    enabled: { type: Boolean, required: true },
    labels: [String],
    minFlakinessLow: { type: Number, required: true },
    maxTests: { type: Number, required: true },
    expireDays: { type: Number, required: true },
    stableAfterRuns: { type: Number, required: true },
    updatedBy: { type: String, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'quarantine_policies', versionKey: false },
).index({ enabled: 1 });
