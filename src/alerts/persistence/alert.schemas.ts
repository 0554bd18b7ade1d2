import { Schema, Types } from 'mongoose';
import type { AlertState } from '../domain/alert.js';
import type { Culprit } from '../domain/culprit.js';
import type { EscalationLevel } from '../domain/escalation.js';
import type { Labels, Matcher } from '../domain/labels.js';
import type { Member } from '../domain/notice-group.js';
import type { Group, Grouping, RuleHealth, RuleSettings, Severity } from '../domain/rule.js';
import { KEPT_DAYS, type TimelineKind } from '../domain/stored-alert.js';

/** A rule. `pk`: the projects it is confined to; none: the organization. */
export interface RuleDocument {
  _id: Types.ObjectId;
  o: string;
  pk: string[];
  settings: RuleSettings;
  /** Copies of what is searched by. */
  enabled: boolean;
  onIngest: boolean;
  nextAt: Date | null;
  /** Due at once, and not claimed since. */
  again?: true;
  health?: RuleHealth;
  version: number;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export const RULE = 'AlertRule';

const text = { type: String, required: true } as const;
const whole = { type: Number, required: true } as const;
const instant = { type: Date, required: true } as const;
const mixed = { type: Schema.Types.Mixed, required: true } as const;

export const RuleSchema = new Schema<RuleDocument>(
  {
    o: text,
    pk: [String],
    settings: mixed,
    enabled: { type: Boolean, required: true },
    onIngest: { type: Boolean, required: true },
    nextAt: { type: Date, default: null },
    again: Boolean,
    health: Schema.Types.Mixed,
    version: whole,
    createdBy: text,
    createdAt: instant,
    updatedAt: instant,
  },
  { collection: 'alert_rules', versionKey: false, minimize: false },
)
  .index({ o: 1, _id: 1 })
  .index({ o: 1, enabled: 1, onIngest: 1 })
  .index({ enabled: 1, nextAt: 1 });

/** One alert: rule x group. */
export interface AlertDocument {
  _id: Types.ObjectId;
  o: string;
  r: Types.ObjectId;
  pk: string[];
  ruleName: string;
  severity: Severity;
  k: string;
  group: Group;
  groupText: string;
  labels: Labels;
  thresholds: { readonly warning?: number; readonly critical?: number };
  state: AlertState;
  /** Copies of what is searched by. */
  status: AlertState['status'];
  /** The order in which people want to see them. */
  rank: number;
  /** When an acknowledgement or snooze lapses. */
  wakeAt: Date | null;
  /** The next step of its escalation, and who has claimed it until when. */
  stepAt: Date | null;
  token: number;
  claimedUntil: Date | null;
  culprit?: Culprit;
  v: number;
  evaluatedAt: Date;
}

export const ALERT = 'Alert';

export const AlertSchema = new Schema<AlertDocument>(
  {
    o: text,
    r: { type: Schema.Types.ObjectId, required: true },
    pk: [String],
    ruleName: text,
    severity: text,
    k: { type: String, default: '' },
    group: mixed,
    groupText: { type: String, default: '' },
    labels: mixed,
    thresholds: mixed,
    state: mixed,
    status: text,
    rank: whole,
    wakeAt: { type: Date, default: null },
    stepAt: { type: Date, default: null },
    token: whole,
    claimedUntil: { type: Date, default: null },
    culprit: Schema.Types.Mixed,
    v: whole,
    evaluatedAt: instant,
  },
  { collection: 'alerts', versionKey: false, minimize: false },
)
  .index({ r: 1, k: 1 }, { unique: true })
  .index({ o: 1, status: 1, _id: 1 })
  .index({ o: 1, rank: 1, _id: -1 })
  // what is over for long
  .index({ rank: 1, 'state.since': 1 })
  .index({ wakeAt: 1 }, { partialFilterExpression: { wakeAt: { $type: 'date' } } })
  .index({ stepAt: 1 }, { partialFilterExpression: { stepAt: { $type: 'date' } } });

export interface EventDocument {
  _id: Types.ObjectId;
  o: string;
  a: Types.ObjectId;
  e: number;
  at: Date;
  kind: TimelineKind;
  by?: string;
  details: Readonly<Record<string, unknown>>;
}

export const ALERT_EVENT = 'AlertEvent';

export const AlertEventSchema = new Schema<EventDocument>(
  {
    o: text,
    a: { type: Schema.Types.ObjectId, required: true },
    e: whole,
    at: instant,
    kind: text,
    by: String,
    details: mixed,
  },
  { collection: 'alert_events', versionKey: false, minimize: false },
)
  .index({ a: 1, _id: 1 })
  .index({ at: 1 }, { expireAfterSeconds: KEPT_DAYS * 86_400 });

/** The alerts of one channel that agree in some labels. Its id is a hash of what makes it a group. */
export interface NoticeGroupDocument {
  _id: string;
  o: string;
  channelId: string;
  labels: Labels;
  timing: Grouping;
  members: Member[];
  step: number;
  lastAt: Date | null;
  /** When it may have something to tell; null: not before something happens. */
  lookAt: Date | null;
  v: number;
}

export const NOTICE_GROUP = 'AlertNoticeGroup';

export const NoticeGroupSchema = new Schema<NoticeGroupDocument>(
  {
    _id: text,
    o: text,
    channelId: text,
    labels: mixed,
    timing: mixed,
    members: mixed,
    step: whole,
    lastAt: { type: Date, default: null },
    lookAt: { type: Date, default: null },
    v: whole,
  },
  { collection: 'alert_notice_groups', versionKey: false, minimize: false },
)
  .index({ o: 1, 'members.alertId': 1 })
  .index({ lookAt: 1 }, { partialFilterExpression: { lookAt: { $type: 'date' } } });

export interface SilenceDocument {
  _id: Types.ObjectId;
  o: string;
  /** The one project that it is confined to by a matcher; null: none. */
  pk: string | null;
  matchers: Matcher[];
  startsAt: Date;
  endsAt: Date;
  comment: string;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export const SILENCE = 'AlertSilence';

export const SilenceSchema = new Schema<SilenceDocument>(
  {
    o: text,
    pk: { type: String, default: null },
    matchers: mixed,
    startsAt: instant,
    endsAt: instant,
    comment: text,
    createdBy: text,
    createdAt: instant,
    updatedAt: instant,
  },
  { collection: 'alert_silences', versionKey: false },
)
  .index({ o: 1, _id: -1 })
  .index({ o: 1, endsAt: 1 });

export interface InhibitionDocument {
  _id: Types.ObjectId;
  o: string;
  name: string;
  source: Matcher[];
  target: Matcher[];
  equal: string[];
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export const INHIBITION = 'AlertInhibition';

export const InhibitionSchema = new Schema<InhibitionDocument>(
  {
    o: text,
    name: text,
    source: mixed,
    target: mixed,
    equal: [String],
    createdBy: text,
    createdAt: instant,
    updatedAt: instant,
  },
  { collection: 'alert_inhibition_rules', versionKey: false },
).index({ o: 1, _id: 1 });

export interface EscalationPolicyDocument {
  _id: Types.ObjectId;
  o: string;
  name: string;
  description?: string;
  levels: EscalationLevel[];
  repeat: number;
  version: number;
  createdBy: string;
  createdAt: Date;
  updatedAt: Date;
}

export const ESCALATION_POLICY = 'EscalationPolicy';

export const EscalationPolicySchema = new Schema<EscalationPolicyDocument>(
  {
    o: text,
    name: text,
    description: String,
    levels: mixed,
    repeat: whole,
    version: whole,
    createdBy: text,
    createdAt: instant,
    updatedAt: instant,
  },
  { collection: 'escalation_policies', versionKey: false },
).index({ o: 1, _id: 1 });
