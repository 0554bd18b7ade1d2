import { Schema, type Types } from 'mongoose';
import type { Commit } from '../domain/model.js';

export interface CommitDocument {
  _id: number; // position
  o: string;
  p: Types.ObjectId;
  kind: Commit['kind'];
  r?: string;
  g?: number;
  days: number[];
  at: Date;
}

export const CommitSchema = new Schema<CommitDocument>(
  {
    _id: Number,
    o: { type: String, required: true },
    p: { type: Schema.Types.ObjectId, required: true },
    kind: { type: String, required: true },
    r: String,
    g: Number,
    days: [Number],
    at: { type: Date, required: true },
  },
  { collection: 'commits', versionKey: false },
)
  .index({ p: 1, _id: 1 })
  .index({ r: 1, _id: 1 }, { partialFilterExpression: { r: { $exists: true } } });

export const COMMIT = 'Commit';
