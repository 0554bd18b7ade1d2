import { Schema, type Types } from 'mongoose';

/** What a person decided about one run: left out of flakiness, or evidence after all. */
export interface OutageDecisionDocument {
  /** Run id. */
  _id: string;
  o: string;
  p: Types.ObjectId;
  /** Key of the project. */
  pk: string;
  excluded: boolean;
  reason: string;
  by: string;
  at: Date;
}

export const OutageDecisionSchema = new Schema<OutageDecisionDocument>(
  {
    _id: String,
    o: { type: String, required: true },
    p: { type: Schema.Types.ObjectId, required: true },
    pk: { type: String, required: true },
    excluded: { type: Boolean, required: true },
    reason: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'outage_decisions', versionKey: false },
).index({ p: 1 });

export const OUTAGE_DECISION = 'OutageDecision';

/** A past test and the present one that goes on with its history. */
export interface TestAliasDocument {
  /** testId of the past test: it has one present name at most. */
  _id: string;
  o: string;
  p: Types.ObjectId;
  pk: string;
  pastNo: number;
  to: string;
  toNo: number;
  reason: string;
  by: string;
  at: Date;
}

export const TestAliasSchema = new Schema<TestAliasDocument>(
  {
    _id: String,
    o: { type: String, required: true },
    p: { type: Schema.Types.ObjectId, required: true },
    pk: { type: String, required: true },
    pastNo: { type: Number, required: true },
    to: { type: String, required: true },
    toNo: { type: Number, required: true },
    reason: { type: String, required: true },
    by: { type: String, required: true },
    at: { type: Date, required: true },
  },
  { collection: 'test_aliases', versionKey: false },
)
  .index({ p: 1 })
  .index({ to: 1 });

export const TEST_ALIAS = 'TestAlias';
