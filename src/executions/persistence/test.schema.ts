import { Schema, type Types } from 'mongoose';
import type { Pair } from './run.schema.js';

/** A test of a project: what its identity is made of, and its number, which stands for it in results and rollups. */
export interface TestDocument {
  /** testId: a hash of project, suite, name and parameters. */
  _id: string;
  o: string;
  p: Types.ObjectId;
  /** Key of the project. */
  pk: string;
  /** From 1, within the project. */
  no: number;
  suite: string;
  name: string;
  file?: string;
  parameters?: Pair<string>[];
  /** Earliest start of an attempt; absent while no result of it is stored, or while a deletion works it out anew. */
  firstAt?: Date;
}

export const TestSchema = new Schema<TestDocument>(
  {
    _id: String,
    o: String,
    p: Schema.Types.ObjectId,
    pk: String,
    no: Number,
    suite: String,
    name: String,
    file: String,
    parameters: Schema.Types.Mixed,
    firstAt: Date,
  },
  { collection: 'tests', versionKey: false },
)
  .index({ p: 1, no: 1 }, { unique: true })
  .index({ p: 1, suite: 1, name: 1 });

export const TEST = 'Test';
