import { Schema, type Types } from 'mongoose';
import type { Severity } from '../domain/message.js';

/** A message in a user's inbox. */
export interface InboxDocument {
  _id: Types.ObjectId;
  o: string;
  user: string;
  /** The delivery it came by: it comes once. */
  delivery: Types.ObjectId;
  pk: string[];
  /** About every project. */
  wide?: true;
  kind: string;
  severity: Severity;
  title: string;
  body: string;
  href?: string;
  createdAt: Date;
  readAt: Date | null;
}

export const INBOX = 'InboxMessage';
const KEPT_SECONDS = 180 * 24 * 3600;

export const InboxSchema = new Schema<InboxDocument>(
  {
    o: { type: String, required: true },
    user: { type: String, required: true },
    delivery: { type: Schema.Types.ObjectId, required: true },
    pk: [String],
    wide: Boolean,
    kind: { type: String, required: true },
    severity: { type: String, required: true },
    title: { type: String, required: true },
    body: { type: String, default: '' },
    href: String,
    createdAt: { type: Date, required: true },
    readAt: { type: Date, default: null },
  },
  { collection: 'inbox_messages', versionKey: false },
)
  .index({ o: 1, user: 1, delivery: 1 }, { unique: true })
  .index({ o: 1, user: 1, _id: -1 })
  .index({ o: 1, user: 1, readAt: 1 })
  .index({ createdAt: 1 }, { expireAfterSeconds: KEPT_SECONDS });

export interface PreferencesDocument {
  _id: Types.ObjectId;
  o: string;
  user: string;
  /** Preferences as JSON. */
  preferences: string;
  updatedAt: Date;
}

export const PREFERENCES = 'NotificationPreferences';

export const PreferencesSchema = new Schema<PreferencesDocument>(
  {
    o: { type: String, required: true },
    user: { type: String, required: true },
    preferences: { type: String, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'notification_preferences', versionKey: false },
).index({ o: 1, user: 1 }, { unique: true });
