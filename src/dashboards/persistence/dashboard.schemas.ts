import { Schema, type Types } from 'mongoose';
import type { Visibility } from '../domain/dashboard.js';

export interface DashboardDocument {
  _id: Types.ObjectId;
  o: string;
  /** Subject of the owner. */
  by: string;
  v: number;
  name: string;
  description?: string;
  vis: Visibility;
  users: string[];
  editors: string[];
  project?: string;
  /** Keys of all projects that it names: who may not see one of them may not see the dashboard. */
  pk: string[];
  /** DashboardContent as JSON: its keys are the clients'. */
  content: string;
  widgets: number;
  createdAt: Date;
  updatedAt: Date;
  updatedBy: string;
}

export const DashboardSchema = new Schema<DashboardDocument>(
  {
    o: { type: String, required: true },
    by: String,
    v: Number,
    name: String,
    description: String,
    vis: String,
    users: [String],
    editors: [String],
    project: String,
    pk: [String],
    content: String,
    widgets: Number,
    createdAt: Date,
    updatedAt: Date,
    updatedBy: String,
  },
  { collection: 'dashboards', versionKey: false },
).index({ o: 1, updatedAt: -1, _id: -1 });

export const DASHBOARD = 'Dashboard';

/** What a dashboard was before its present version. */
export interface VersionDocument {
  _id: Types.ObjectId;
  o: string;
  d: Types.ObjectId;
  v: number;
  content: string;
  by: string;
  at: Date;
}

export const VersionSchema = new Schema<VersionDocument>(
  { o: String, d: Schema.Types.ObjectId, v: Number, content: String, by: String, at: Date },
  { collection: 'dashboard_versions', versionKey: false },
).index({ d: 1, v: -1 }, { unique: true });

export const DASHBOARD_VERSION = 'DashboardVersion';

export interface ShareDocument {
  _id: Types.ObjectId;
  o: string;
  d: Types.ObjectId;
  /** SHA-256 of the token: the token itself is shown once and stored nowhere. */
  hash: string;
  name: string;
  by: string;
  byName: string;
  /** What the one who shared it could see; null for the whole organization. */
  projects: string[] | null;
  manages: boolean;
  createdAt: Date;
  expiresAt: Date;
}

export const ShareSchema = new Schema<ShareDocument>(
  {
    o: String,
    d: Schema.Types.ObjectId,
    hash: String,
    name: String,
    by: String,
    byName: String,
    projects: { type: [String], default: undefined },
    manages: Boolean,
    createdAt: Date,
    expiresAt: Date,
  },
  { collection: 'dashboard_shares', versionKey: false },
)
  .index({ hash: 1 }, { unique: true })
  .index({ d: 1, createdAt: -1 })
  .index({ expiresAt: 1 }, { expireAfterSeconds: 30 * 86_400 });

export const DASHBOARD_SHARE = 'DashboardShare';

/** What a user has chosen for themselves. */
export interface UserSettingsDocument {
  _id: Types.ObjectId;
  o: string;
  by: string;
  favourites: string[];
  preferences?: Record<string, unknown>;
}

export const UserSettingsSchema = new Schema<UserSettingsDocument>(
  { o: String, by: String, favourites: [String], preferences: Schema.Types.Mixed },
  { collection: 'dashboard_users', versionKey: false },
).index({ o: 1, by: 1 }, { unique: true });

export const DASHBOARD_USER = 'DashboardUser';
