import { Schema, type mongo, type Types } from 'mongoose';
import type { Plan } from '../../metrics/index.js';
import type { ReportType } from '../domain/report.js';

export interface ReportDocument {
  _id: Types.ObjectId;
  o: string;
  /** Keys of the projects it counts: who may not see one of them may not see the report. */
  pk: string[];
  /** Projects with their teams as they were: [id, key, team]. */
  projects: [string, string, string][];
  /** See `cacheKey`. */
  key: string;
  /** See `ReportBasis`; absent: the report is only the answer at its position. */
  content?: string;
  type: ReportType;
  name?: string;
  /** JSON, because a request holds the client's own keys. */
  request: string;
  asOf: number;
  /** [run id, generation]. */
  pins: [string, number][];
  newestCommitAt?: Date;
  plan: Plan;
  by: string;
  at: Date;
  expiresAt: Date;
  /** Scores are still to be computed. */
  pending?: boolean;
  /** When somebody last asked for it while it was pending; absent once its scores are being computed. */
  wantedAt?: Date;
  /** Absent: 0. */
  rev?: number;
  /** The figures: see `PackedBody`. Absent: a version before this one stored them otherwise. */
  tail?: mongo.Binary;
}

export const ReportSchema = new Schema<ReportDocument>(
  {
    o: { type: String, required: true },
    pk: [String],
    projects: Schema.Types.Mixed,
    key: { type: String, required: true },
    content: String,
    type: String,
    name: String,
    request: String,
    asOf: Number,
    pins: Schema.Types.Mixed,
    newestCommitAt: Date,
    plan: String,
    by: String,
    at: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
    pending: Boolean,
    wantedAt: Date,
    rev: Number,
    tail: Buffer,
  },
  { collection: 'reports', versionKey: false },
)
  .index({ o: 1, key: 1, asOf: -1 })
  .index({ o: 1, _id: -1 })
  .index({ wantedAt: -1 }, { partialFilterExpression: { pending: true } })
  .index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export const REPORT = 'Report';
