import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type ClientSession, type Model, type mongo } from 'mongoose';
import { decodeCursor, encodeCursor, invalid, nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { AlertStatus } from '../domain/alert.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import type { Severity } from '../domain/rule.js';
import { ALERT, type AlertDocument } from './alert.schemas.js';
import { idsIn, isId, toId, visible } from './ids.js';

export interface AlertFilter {
  readonly statuses?: readonly AlertStatus[];
  /** Alternatives to the statuses. */
  readonly aside?: AlertAside;
  readonly severities?: readonly Severity[];
  readonly alertIds?: readonly string[];
  readonly ruleIds?: readonly string[];
  /** Key of a project that it is about. */
  readonly project?: string;
  /** Keys of projects: it is about one of them at least, or about all projects; of no projects there is none. */
  readonly projects?: readonly string[];
}

/** What is beside the status of an open alert. */
export interface AlertAside {
  readonly acknowledged?: boolean;
  readonly snoozed?: boolean;
  /** Ids of alerts, whatever their status. */
  readonly alertIds?: readonly string[];
}

/** How many alerts of a status, severity and level there are. */
export interface AlertCount {
  readonly status: AlertStatus;
  readonly severity: Severity;
  readonly level: 'warning' | 'critical' | null;
  readonly acknowledged: boolean;
  readonly snoozed: boolean;
  readonly count: number;
}

/** An alert whose next escalation step is one's own to take. */
export interface ClaimedAlert {
  readonly alert: StoredAlert;
  /** Fences: of two who believe it is theirs only the later can write. */
  readonly token: number;
}

@Injectable()
export class AlertsRepository {
  private readonly collection: mongo.Collection<AlertDocument>;

  constructor(@InjectModel(ALERT) model: Model<AlertDocument>) {
    this.collection = nativeCollection(model);
  }

  newId(): string {
    return new Types.ObjectId().toHexString();
  }

  async find(scope: Scope, alertId: string, session?: ClientSession): Promise<StoredAlert | undefined> {
    if (!isId(alertId)) return undefined;
    const found = await this.collection.findOne({ ...visible(scope), _id: toId(alertId) }, { session });
    return found ? toAlert(found) : undefined;
  }

  async findMany(scope: Scope, alertIds: readonly string[], session?: ClientSession): Promise<StoredAlert[]> {
    const found = await this.collection
      .find({ ...visible(scope), _id: { $in: idsIn(alertIds) } }, { session })
      .toArray();
    return found.map(toAlert);
  }

  /** Those that are firing first, then recovering, pending, resolved; the newest first among them. */
  async list(scope: Scope, filter: AlertFilter, limit: number, cursor?: string): Promise<Page<StoredAlert>> {
    const after = cursor === undefined ? [] : [afterCursor(cursor)];
    const found = await this.collection
      .find({ $and: [visible(scope), ...conditionsOf(filter), ...after] })
      .sort({ rank: 1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last ? encodeCursor([last.rank, last._id.toHexString()]) : null;
    return { items: items.map(toAlert), nextCursor };
  }

  async counts(scope: Scope, filter: Pick<AlertFilter, 'project' | 'projects'> = {}): Promise<AlertCount[]> {
    return this.collection
      .aggregate<AlertCount>([
        { $match: { $and: [visible(scope), ...conditionsOf(filter)] } },
        {
          $group: {
            _id: {
              status: '$status',
              severity: '$severity',
              level: '$state.level',
              acknowledged: { $ne: [{ $type: '$state.acknowledged' }, 'missing'] },
              snoozed: { $ne: [{ $type: '$state.snoozed' }, 'missing'] },
            },
            count: { $sum: 1 },
          },
        },
        { $replaceWith: { $mergeObjects: ['$_id', { count: '$count' }] } },
      ])
      .toArray();
  }

  /** All alerts of some rules, by rule: for evaluation only. */
  async ofRules(ruleIds: readonly string[]): Promise<Map<string, StoredAlert[]>> {
    const byRule = new Map<string, StoredAlert[]>();
    for await (const document of this.collection.find({ r: { $in: ruleIds.map(toId) } })) {
      const alert = toAlert(document);
      const known = byRule.get(alert.ruleId);
      if (known) known.push(alert);
      else byRule.set(alert.ruleId, [alert]);
    }
    return byRule;
  }

  /** Firing or recovering alerts of a rule. */
  async openOf(ruleId: string, session: ClientSession): Promise<StoredAlert[]> {
    const filter = { r: toId(ruleId), status: { $in: OPEN } };
    return (await this.collection.find(filter, { session }).sort({ _id: 1 }).toArray()).map(toAlert);
  }

  /** Ids of the rules, of every organization, that have an alert that is pending or open. */
  async rulesWithAlerts(): Promise<string[]> {
    const ids = await this.collection.distinct('r', { rank: { $in: [RANK.firing, RANK.recovering, RANK.pending] } });
    return ids.map((id) => id.toHexString());
  }

  /** Firing or recovering alerts of an organization: what may inhibit, and share a cause. */
  async open(organization: string, session?: ClientSession): Promise<StoredAlert[]> {
    const filter = { o: organization, status: { $in: OPEN } };
    return (await this.collection.find(filter, { session }).sort({ _id: 1 }).toArray()).map(toAlert);
  }

  /**
   * Writes alerts as they are now, in order; each only over the version before it (0: it is new).
   * @returns whether all of them were written: else nothing of the transaction may stand
   */
  async write(alerts: readonly StoredAlert[], session: ClientSession): Promise<boolean> {
    if (alerts.length === 0) return true;
    const operations = alerts.map((alert): mongo.AnyBulkWriteOperation<AlertDocument> =>
      alert.version === 1
        ? { insertOne: { document: { ...toDocument(alert), _id: toId(alert.alertId), token: 0, claimedUntil: null } } }
        : {
            updateOne: {
              filter: { _id: toId(alert.alertId), v: alert.version - 1 },
              update: { $set: toDocument(alert), ...(!alert.culprit && { $unset: { culprit: 1 } }) },
            },
          },
    );
    const { insertedCount, matchedCount } = await this.collection.bulkWrite(operations, { session });
    return insertedCount + matchedCount === alerts.length;
  }

  /** New figures of alerts in which nothing else has changed; where one was written meanwhile, that stands. */
  async refresh(alerts: readonly StoredAlert[]): Promise<void> {
    if (alerts.length === 0) return;
    await this.collection.bulkWrite(
      alerts.map(({ alertId, version, state, evaluatedAt }) => ({
        updateOne: {
          filter: { _id: toId(alertId), v: version },
          update: { $set: { state, evaluatedAt }, $inc: { v: 1 } },
        },
      })),
      { ordered: false },
    );
  }

  /** Forgets alerts of every organization that are over since before then: none that is open or pending. @returns how many */
  async removeOver(before: Date): Promise<number> {
    const over = { rank: { $in: [RANK.resolved, RANK.inactive] }, 'state.since': { $lt: before } };
    return (await this.collection.deleteMany(over)).deletedCount;
  }

  /** Alerts of every organization whose acknowledgement or snooze has lapsed. */
  async toWake(now: Date, limit: number): Promise<StoredAlert[]> {
    const found = await this.collection.find({ wakeAt: { $lte: now } }, { limit, sort: { wakeAt: 1 } }).toArray();
    return found.map(toAlert);
  }

  /** Takes one due escalation step for `leaseMs`; those whose taker was lost come back when its time is over. */
  async claimStep(now: Date, leaseMs: number): Promise<ClaimedAlert | undefined> {
    const found = await this.collection.findOneAndUpdate(
      { stepAt: { $lte: now }, $or: [{ claimedUntil: null }, { claimedUntil: { $lte: now } }] },
      { $set: { claimedUntil: new Date(now.getTime() + leaseMs) }, $inc: { token: 1 } },
      { sort: { stepAt: 1 }, returnDocument: 'after' },
    );
    return found ? { alert: toAlert(found), token: found.token } : undefined;
  }

  /** The alert as it is now, in one's own transaction; undefined where a later claim or nobody has it. */
  async claimed(alertId: string, token: number, session: ClientSession): Promise<StoredAlert | undefined> {
    const found = await this.collection.findOneAndUpdate(
      { _id: toId(alertId), token },
      { $set: { claimedUntil: null } },
      { session, returnDocument: 'after' },
    );
    return found ? toAlert(found) : undefined;
  }
}

const OPEN: AlertStatus[] = ['firing', 'recovering'];
const RANK: Readonly<Record<AlertStatus, number>> = { firing: 0, recovering: 1, pending: 2, resolved: 3, inactive: 4 };

const afterCursor = (cursor: string): object => {
  const [rank, id] = decodeCursor(cursor, 2);
  if (typeof rank !== 'number' || typeof id !== 'string' || !isId(id))
    throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
      { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
    ]);
  return { $or: [{ rank: { $gt: rank } }, { rank, _id: { $lt: toId(id) } }] };
};

/** One of the statuses, or one of what is beside them. */
const stateConditions = ({ statuses, aside }: AlertFilter): object[] => {
  if (!statuses && !aside) return [];
  const either = [
    ...(statuses && statuses.length > 0 ? [{ status: { $in: statuses } }] : []),
    ...(aside?.acknowledged ? [{ 'state.acknowledged': { $exists: true } }] : []),
    ...(aside?.snoozed ? [{ 'state.snoozed': { $exists: true } }] : []),
    ...(aside?.alertIds ? [{ _id: { $in: idsIn(aside.alertIds) } }] : []),
  ];
  return [{ $or: either.length === 0 ? [{ _id: { $in: [] } }] : either }];
};

const aboutOneOf = (keys: readonly string[]): object =>
  keys.length === 0 ? { _id: { $in: [] } } : { $or: [{ pk: { $in: [...keys] } }, { pk: { $size: 0 } }] };

const conditionsOf = (filter: AlertFilter): object[] => [
  ...stateConditions(filter),
  ...(filter.severities ? [{ severity: { $in: filter.severities } }] : []),
  ...(filter.alertIds ? [{ _id: { $in: idsIn(filter.alertIds) } }] : []),
  ...(filter.ruleIds ? [{ r: { $in: idsIn(filter.ruleIds) } }] : []),
  ...(filter.project === undefined ? [] : [{ pk: filter.project }]),
  ...(filter.projects ? [aboutOneOf(filter.projects)] : []),
];

const wakeAtOf = ({ acknowledged, snoozed }: StoredAlert['state']): Date | null => {
  const times = [acknowledged?.until, snoozed?.until].flatMap((time) => (time ? [time.getTime()] : []));
  return times.length === 0 ? null : new Date(Math.min(...times));
};

const toDocument = (alert: StoredAlert): Omit<AlertDocument, '_id' | 'token' | 'claimedUntil'> => ({
  o: alert.organization,
  r: toId(alert.ruleId),
  pk: [...alert.projects],
  ruleName: alert.ruleName,
  severity: alert.severity,
  k: alert.groupKey,
  group: alert.group,
  groupText: alert.groupText,
  labels: alert.labels,
  thresholds: alert.thresholds,
  state: alert.state,
  status: alert.state.status,
  rank: RANK[alert.state.status],
  wakeAt: wakeAtOf(alert.state),
  stepAt: alert.state.escalation?.nextStepAt ?? null,
  ...(alert.culprit && { culprit: alert.culprit }),
  v: alert.version,
  evaluatedAt: alert.evaluatedAt,
});

const toAlert = (document: AlertDocument): StoredAlert => ({
  alertId: document._id.toHexString(),
  organization: document.o,
  ruleId: document.r.toHexString(),
  ruleName: document.ruleName,
  severity: document.severity,
  groupKey: document.k,
  group: document.group,
  groupText: document.groupText,
  labels: document.labels,
  thresholds: document.thresholds,
  projects: document.pk,
  state: document.state,
  ...(document.culprit && { culprit: document.culprit }),
  version: document.v,
  evaluatedAt: document.evaluatedAt,
});
