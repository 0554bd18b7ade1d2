import { Schema } from 'mongoose';

/** The one document that says what has become of the demo in this database. */
export interface DemoLoadDocument {
  _id: 'demo';
  state: 'loading' | 'loaded' | 'removed';
  seed: number;
  days: number;
  /** The demo's `now`, so that a load that is continued later makes the same runs. */
  now: Date;
  /** Runs that are in for certain, counted from the oldest. */
  done: number;
  /** Who loads, and until when nobody else may. */
  owner: string;
  until: Date;
}

export const DemoLoadSchema = new Schema<DemoLoadDocument>(
  {
    _id: String,
    state: String,
    seed: Number,
    days: Number,
    now: Date,
    done: Number,
    owner: String,
    until: Date,
  },
  { collection: 'demo_loads', versionKey: false },
);

export const DEMO_LOAD = 'DemoLoad';
