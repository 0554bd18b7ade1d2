import { Schema, type Types } from 'mongoose';

/** One per run: its rows of every day, replaced as a whole. `g` is the generation they hold. */
export interface RunSummaryDocument {
  _id: string; // run id
  o: string;
  p: Types.ObjectId;
  g: number;
  state: 'live' | 'deleted' | 'expired';
  /** `generations`: in which each row came, kept when the run is frozen (frozen-run.ts). */
  parts: { day: number; rows: Buffer; generations?: Buffer }[];
}

/** One per project and day that ever held a row: `v` moves with every change, `sv` is the version that is sealed. */
export interface DayDocument {
  _id: string; // project id:day
  o: string;
  p: Types.ObjectId;
  d: number;
  v: number;
  sv: number;
  /** Present while v is ahead of sv. */
  dirty?: true;
  changedAt: Date;
}

/** The rollup blocks of a day, see day-block.ts. Valid while `v` is the day's version. */
export interface SealedDayDocument {
  _id: string; // project id:day
  o: string;
  p: Types.ObjectId;
  d: number;
  v: number;
  n: number;
  totals: Buffer;
  byDay: Buffer;
  bySlot: Buffer;
}

/** The rows of a day, or one of `of` parts of them by suite. */
export interface SealedRowsDocument {
  _id: string; // project id:day:part/of
  o: string;
  p: Types.ObjectId;
  d: number;
  v: number;
  part: number;
  of: number;
  rows: Buffer;
}

const project = { o: { type: String, required: true }, p: { type: Schema.Types.ObjectId, required: true } };

export const RunSummarySchema = new Schema<RunSummaryDocument>(
  {
    _id: String,
    ...project,
    g: { type: Number, required: true },
    state: { type: String, required: true },
    parts: [{ _id: false, day: Number, rows: Buffer, generations: Buffer }],
  },
  { collection: 'run_summaries', versionKey: false },
).index({ p: 1, state: 1, 'parts.day': 1 });

export const DaySchema = new Schema<DayDocument>(
  {
    _id: String,
    ...project,
    d: { type: Number, required: true },
    v: { type: Number, required: true },
    sv: { type: Number, required: true },
    dirty: Boolean,
    changedAt: { type: Date, required: true },
  },
  { collection: 'days', versionKey: false },
)
  .index({ p: 1, d: 1 })
  .index({ changedAt: 1 }, { partialFilterExpression: { dirty: true } });

export const SealedDaySchema = new Schema<SealedDayDocument>(
  {
    _id: String,
    ...project,
    d: { type: Number, required: true },
    v: { type: Number, required: true },
    n: { type: Number, required: true },
    totals: Buffer,
    byDay: Buffer,
    bySlot: Buffer,
  },
  { collection: 'sealed_days', versionKey: false },
).index({ p: 1, d: 1 });

export const SealedRowsSchema = new Schema<SealedRowsDocument>(
  {
    _id: String,
    ...project,
    d: { type: Number, required: true },
    v: { type: Number, required: true },
    part: Number,
    of: Number,
    rows: Buffer,
  },
  { collection: 'sealed_rows', versionKey: false },
).index({ p: 1, d: 1 });

export const RUN_SUMMARY = 'RunSummary';
export const DAY = 'Day';
export const SEALED_DAY = 'SealedDay';
export const SEALED_ROWS = 'SealedRows';
