import { Schema, type Types } from 'mongoose';
import type { ChannelKind, SecretHints } from '../domain/channel.js';
import type { Attempt, DeliveryState } from '../domain/delivery.js';
import type { Severity } from '../domain/message.js';

export interface ChannelDocument {
  _id: Types.ObjectId;
  o: string;
  /** Key of the project; null: the organization's. */
  pk: string | null;
  name: string;
  description?: string;
  kind: ChannelKind;
  enabled: boolean;
  disabledReason?: string;
  /** ChannelSettings as JSON. */
  settings: string;
  hints: SecretHints;
  /** Sealed by SecretBox for `channel:<id>`. */
  url?: string;
  password?: string;
  signing?: string;
  headers?: string;
  /** The signing secret before, which signs too until then. */
  oldSigning?: string;
  oldSigningUntil?: Date;
  by: string;
  createdAt: Date;
  updatedAt: Date;
}

export const CHANNEL = 'NotificationChannel';

export const ChannelSchema = new Schema<ChannelDocument>(
  {
    o: { type: String, required: true },
    pk: { type: String, default: null },
    name: { type: String, required: true },
    description: String,
    kind: { type: String, required: true },
    enabled: { type: Boolean, required: true },
    disabledReason: String,
    settings: { type: String, required: true },
    hints: { type: Schema.Types.Mixed, default: {} },
    url: String,
    password: String,
    signing: String,
    headers: String,
    oldSigning: String,
    oldSigningUntil: Date,
    by: { type: String, required: true },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'notification_channels', versionKey: false, minimize: false },
).index({ o: 1, name: 1 }, { unique: true });

/** A message on its way: outbox and delivery log in one. */
export interface DeliveryDocument {
  _id: Types.ObjectId;
  o: string;
  /** Keys of the projects it is about. */
  pk: string[];
  /** About every project. */
  wide?: true;
  /** Dedupe key. */
  key: string;
  kind: string;
  severity: Severity;
  /** JSON. */
  payload: string;
  channel?: Types.ObjectId;
  user?: string;
  /** Kind of the channel; absent while it goes to a user whose preferences were not asked yet. */
  ck?: ChannelKind;
  /** What the limits of sending apply to: the channel, or the user. */
  endpoint: string;
  state: DeliveryState;
  reason?: string;
  /** When it may be sent; absent for what is not to be sent by itself. */
  due?: Date;
  /** The one mail for all that was held with it; `due` is absent. */
  digest?: Types.ObjectId;
  heldUntil?: Date;
  attempts: Attempt[];
  attemptCount: number;
  /** Attempts since it was created or replayed: how far the retry schedule has got. */
  round: number;
  /** Moves with each claim. */
  fence: number;
  lease?: string;
  leaseUntil?: Date;
  createdAt: Date;
  finishedAt?: Date;
}

export const DELIVERY = 'NotificationDelivery';
const KEPT_SECONDS = 90 * 24 * 3600;

export const DeliverySchema = new Schema<DeliveryDocument>(
  {
    o: { type: String, required: true },
    pk: [String],
    wide: Boolean,
    key: { type: String, required: true },
    kind: { type: String, required: true },
    severity: { type: String, required: true },
    payload: { type: String, required: true },
    channel: Schema.Types.ObjectId,
    user: String,
    ck: String,
    endpoint: { type: String, required: true },
    state: { type: String, required: true },
    reason: String,
    due: Date,
    digest: Schema.Types.ObjectId,
    heldUntil: Date,
    attempts: [{ type: Schema.Types.Mixed }],
    attemptCount: { type: Number, required: true },
    round: { type: Number, required: true },
    fence: { type: Number, required: true },
    lease: String,
    leaseUntil: Date,
    createdAt: { type: Date, required: true },
    finishedAt: Date,
  },
  { collection: 'notification_deliveries', versionKey: false },
)
  .index({ o: 1, key: 1 }, { unique: true })
  .index({ o: 1, _id: -1 })
  .index({ o: 1, channel: 1, _id: -1 })
  // what waits, and nothing else
  .index({ due: 1, endpoint: 1 }, { partialFilterExpression: { state: 'pending' } })
  .index({ leaseUntil: 1 }, { partialFilterExpression: { leaseUntil: { $exists: true } } })
  .index({ lease: 1 }, { partialFilterExpression: { lease: { $exists: true } } })
  .index({ digest: 1 }, { partialFilterExpression: { digest: { $exists: true } } })
  .index({ finishedAt: 1 }, { expireAfterSeconds: KEPT_SECONDS });

/** When an endpoint takes its next message: for receivers that limit how often. */
export interface EndpointDocument {
  _id: string;
  openAt: Date;
}

export const ENDPOINT = 'NotificationEndpoint';

export const EndpointSchema = new Schema<EndpointDocument>(
  { _id: String, openAt: { type: Date, required: true } },
  { collection: 'notification_endpoints', versionKey: false },
).index({ openAt: 1 }, { expireAfterSeconds: 86_400 });
