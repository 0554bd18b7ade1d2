import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection, type Page, type Scope } from '../../common/index.js';
import { LONGEST_ROUND_MS } from '../domain/plan-changes.js';
import { type AlertRule, projectsNamed, type RuleHealth, type RuleSettings } from '../domain/rule.js';
import { RULE, type RuleDocument } from './alert.schemas.js';
import { idOfCursor, idsIn, isId, pageOf, toId, visible } from './ids.js';

export interface RuleFilter {
  /** Key of a project: rules that are confined to it, among others. */
  readonly project?: string;
  readonly enabled?: boolean;
}

/** What an evaluation leaves behind. */
export interface RuleEvaluated {
  readonly ruleId: string;
  readonly health: RuleHealth;
  readonly nextAt: Date | null;
}

@Injectable()
export class RulesRepository {
  private readonly collection: mongo.Collection<RuleDocument>;

  constructor(@InjectModel(RULE) model: Model<RuleDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(scope: Scope, settings: RuleSettings, by: string, now: Date): Promise<AlertRule> {
    const document: RuleDocument = {
      _id: new Types.ObjectId(),
      o: scope.organization,
      ...searched(settings),
      // a rule that was just made says at once where it stands
      nextAt: settings.enabled ? now : null,
      version: 1,
      createdBy: by,
      createdAt: now,
      updatedAt: now,
    };
    await this.collection.insertOne(document);
    return toRule(document);
  }

  async find(scope: Scope, ruleId: string): Promise<AlertRule | undefined> {
    if (!isId(ruleId)) return undefined;
    const found = await this.collection.findOne({ ...visible(scope), _id: toId(ruleId) });
    return found ? toRule(found) : undefined;
  }

  async findMany(scope: Scope, ruleIds: readonly string[]): Promise<AlertRule[]> {
    const found = await this.collection.find({ ...visible(scope), _id: { $in: idsIn(ruleIds) } }).toArray();
    return found.map(toRule);
  }

  /** Oldest first. */
  async list(scope: Scope, filter: RuleFilter, limit: number, cursor?: string): Promise<Page<AlertRule>> {
    const conditions = [
      visible(scope),
      ...(filter.project === undefined ? [] : [{ pk: filter.project }]),
      ...(filter.enabled === undefined ? [] : [{ enabled: filter.enabled }]),
      ...(cursor === undefined ? [] : [{ _id: { $gt: idOfCursor(cursor) } }]),
    ];
    const found = await this.collection
      .find({ $and: conditions })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(found, limit, toRule);
  }

  /** undefined where it is not there. */
  async replace(scope: Scope, ruleId: string, settings: RuleSettings, now: Date): Promise<AlertRule | undefined> {
    const set = { ...searched(settings), nextAt: settings.enabled ? now : null, updatedAt: now };
    const found = await this.collection.findOneAndUpdate(
      { ...visible(scope), _id: toId(ruleId) },
      { $set: set, $inc: { version: 1 } },
      { returnDocument: 'after' },
    );
    return found ? toRule(found) : undefined;
  }

  async remove(scope: Scope, ruleId: string): Promise<boolean> {
    return (await this.collection.deleteOne({ ...visible(scope), _id: toId(ruleId) })).deletedCount > 0;
  }

  /** The first of those that tell a channel. */
  async usingChannel(scope: Scope, channelId: string, limit: number): Promise<AlertRule[]> {
    const filter = { ...visible(scope), 'settings.channels': channelId };
    return (await this.collection.find(filter).sort({ _id: 1 }).limit(limit).toArray()).map(toRule);
  }

  /** How many rules escalate by a policy. */
  countOfPolicy(scope: Scope, escalationPolicyId: string): Promise<number> {
    return this.collection.countDocuments({
      o: scope.organization,
      'settings.escalationPolicyId': escalationPolicyId,
    });
  }

  /** Rules of an organization that a run of one of these projects may concern: for evaluation only. */
  async onIngest(organization: string, projects: readonly string[]): Promise<AlertRule[]> {
    const filter: mongo.Filter<RuleDocument> = {
      o: organization,
      enabled: true,
      onIngest: true,
      $or: [{ pk: { $size: 0 } }, { pk: { $in: [...projects] } }],
    };
    return (await this.collection.find(filter).sort({ _id: 1 }).toArray()).map(toRule);
  }

  /** Enabled rules of every organization whose time has come, the longest overdue first; one's turn for `leaseMs`. */
  async claimDue(now: Date, leaseMs: number, limit: number): Promise<AlertRule[]> {
    const due: mongo.Filter<RuleDocument> = { enabled: true, nextAt: { $lte: now } };
    const found = await this.collection.find(due).sort({ nextAt: 1 }).limit(limit).toArray();
    const claimed: AlertRule[] = [];
    const until = new Date(now.getTime() + leaseMs);
    for (const { _id, nextAt } of found) {
      const mine = await this.collection.findOneAndUpdate(
        { _id, nextAt, enabled: true },
        { $set: { nextAt: until }, $unset: { again: true } },
      );
      if (mine) claimed.push(toRule(mine));
    }
    return claimed;
  }

  /** Which of them are switched on, by id; those that are not there any more are not in it. For sweeps. */
  async enabledAmong(ruleIds: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
    const found = await this.collection
      .find({ _id: { $in: ruleIds.map(toId) } })
      .project<Pick<RuleDocument, '_id' | 'enabled'>>({ enabled: 1 })
      .toArray();
    return new Map(found.map(({ _id, enabled }) => [_id.toHexString(), enabled]));
  }

  /**
   * Of rules that were changed meanwhile nothing is written: they are due at once anyway; nor over what a round has left
   * that began later. Those that shall be evaluated again stay due, whoever is ready later.
   */
  async evaluated(rules: readonly { readonly rule: AlertRule; readonly done: RuleEvaluated }[]): Promise<void> {
    if (rules.length === 0) return;
    await this.collection.bulkWrite(
      rules.map(({ rule, done }) => ({
        updateOne: {
          filter: { _id: toId(rule.ruleId), version: rule.version, $nor: [evaluatedSince(done.health.at)] },
          update: [{ $set: { health: { $literal: done.health }, nextAt: unlessAgain(done.nextAt) } }],
        },
      })),
      { ordered: false },
    );
  }

  /** Has rules evaluated by the next sweep, whenever they would have been. */
  async dueAgain(rules: readonly AlertRule[], at: Date): Promise<void> {
    if (rules.length === 0) return;
    const filter = { _id: { $in: rules.map(({ ruleId }) => toId(ruleId)) }, enabled: true };
    await this.collection.updateMany(filter, { $set: { nextAt: at, again: true } });
  }

  /**
   * Newest evaluation of the enabled rules in scope: whether anything watches at all.
   * @param projects keys; only rules that look at one of them
   */
  async healthOf(
    scope: Scope,
    projects?: readonly string[],
  ): Promise<{ rules: number; evaluated: number; failing: number }> {
    const [counts] = await this.collection
      .aggregate<{ rules: number; evaluated: number; failing: number }>([
        { $match: { ...visible(scope), enabled: true, ...(projects && lookingAt(projects)) } },
        {
          $group: {
            _id: null,
            rules: { $sum: 1 },
            evaluated: { $sum: { $cond: [{ $eq: ['$health.status', 'ok'] }, 1, 0] } },
            failing: { $sum: { $cond: [{ $eq: ['$health.status', 'error'] }, 1, 0] } },
          },
        },
      ])
      .toArray();
    return counts ?? { rules: 0, evaluated: 0, failing: 0 };
  }
}

/** Rules that name one of the projects, or no project to look at: those of a team may be about any. */
const lookingAt = (projects: readonly string[]): mongo.Filter<RuleDocument> => {
  const named = 'settings.filter.projects';
  const [only] = projects;
  return {
    $or: [{ [named]: { $in: [...projects] } }, { [named]: { $not: /^[^!]/ } }],
    ...(projects.length === 1 && { [named]: { $ne: `!${only}` } }),
  };
};

/** By a round that began later; what is further ahead is of a clock that was set back. */
const evaluatedSince = (at: Date): mongo.Filter<RuleDocument> => ({
  'health.at': { $gt: at, $lte: new Date(at.getTime() + LONGEST_ROUND_MS) },
});

/** The field `nextAt` afterwards, in an aggregation. */
const unlessAgain = (nextAt: Date | null): object => ({ $cond: [{ $eq: ['$again', true] }, '$nextAt', nextAt] });

const searched = (settings: RuleSettings) => ({
  pk: [...projectsNamed(settings.filter)],
  settings,
  enabled: settings.enabled,
  onIngest: settings.everyMs === undefined,
});

const toRule = ({ _id, o, pk, settings, health, ...document }: RuleDocument): AlertRule => ({
  ...settings,
  ruleId: _id.toHexString(),
  organization: o,
  projects: pk,
  version: document.version,
  nextAt: document.nextAt,
  createdBy: document.createdBy,
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
  ...(health && { health }),
});
