import { Schema, type mongo, type Types } from 'mongoose';
import type { StepInput } from '../domain/model.js';

export interface ResultErrorDocument {
  /** Type. */
  ty?: string;
  /** Message. */
  m?: string;
  /** Stack. */
  st?: string;
  /** Fingerprint. */
  fp?: string;
}

/** One attempt. Names are short because there are millions; what all attempts of a test share stands in `tests`. */
export interface ResultDocument {
  /** 16 bytes: see `domain/result-id.ts`. */
  _id: mongo.Binary;
  o: string;
  p: Types.ObjectId;
  r: Types.ObjectId;
  /** Number of the test. */
  t: number;
  /** Attempt. */
  a: number;
  /** Code of the status: its place in RESULT_STATUSES. */
  s: number;
  at: Date;
  /** Whole microseconds. */
  d?: number;
  /** Generation of the run that brought it. */
  g: number;
  /** Hash of the content. */
  h: string;
  /** Type. */
  ty?: string;
  /** Owner. */
  ow?: string;
  /** Tags, sorted, without duplicates. */
  tg?: string[];
  e?: ResultErrorDocument;
  /** Steps. */
  sp?: StepInput[];
  /** Worker. */
  w?: string;
}

/**
 * Three indexes and no more: each costs every result. The run's serves its pages too (failures before passed), and the
 * test's its history. No TTL: retention removes whole runs.
 */
export const ResultSchema = new Schema<ResultDocument>(
  {
    _id: Schema.Types.Buffer,
    o: String,
    p: Schema.Types.ObjectId,
    r: Schema.Types.ObjectId,
    t: Number,
    a: Number,
    s: Number,
    at: Date,
    d: Number,
    g: Number,
    h: String,
    ty: String,
    ow: String,
    tg: [String],
    e: Schema.Types.Mixed,
    sp: Schema.Types.Mixed,
    w: String,
  },
  { collection: 'results', versionKey: false },
)
  .index({ r: 1, s: -1, t: 1, a: 1 })
  .index({ p: 1, t: 1, at: 1 });

export const RESULT = 'Result';
