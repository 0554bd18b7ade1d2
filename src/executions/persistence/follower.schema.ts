import { Schema } from 'mongoose';

/** How far a named consumer of the commit log has got, and which process works for it now. */
export interface FollowerDocument {
  _id: string;
  position: number;
  owner?: string;
  leaseUntil?: Date;
}

export const FollowerSchema = new Schema<FollowerDocument>(
  { _id: String, position: { type: Number, required: true }, owner: String, leaseUntil: Date },
  { collection: 'commit_followers', versionKey: false },
);

export const FOLLOWER = 'CommitFollower';
