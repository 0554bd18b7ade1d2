import { Schema } from 'mongoose';

/** Named integers: `tests:<projectId>` the last test number given out, `removals:<projectId>` the deletions so far. */
export interface CounterDocument {
  _id: string;
  n: number;
}

export const CounterSchema = new Schema<CounterDocument>(
  { _id: String, n: Number },
  { collection: 'counters', versionKey: false },
);

export const COUNTER = 'Counter';
