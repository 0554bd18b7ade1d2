import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { ClientSession, Model, mongo } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import type { Labels } from '../domain/labels.js';
import { newGroup, type NoticeGroup } from '../domain/notice-group.js';
import type { Grouping } from '../domain/rule.js';
import { NOTICE_GROUP, type NoticeGroupDocument } from './alert.schemas.js';

/** What makes a group: who agrees in all of it shares messages. */
export interface GroupIdentity {
  readonly organization: string;
  readonly channelId: string;
  /** The labels it is grouped by, with their values. */
  readonly labels: Labels;
  readonly timing: Grouping;
}

export interface StoredGroup extends GroupIdentity {
  readonly groupId: string;
  readonly group: NoticeGroup;
  /** 0: it is new. */
  readonly version: number;
}

export const groupIdOf = ({ organization, channelId, labels, timing }: GroupIdentity): string => {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const { waitMs, intervalMs, repeatMs } = timing;
  return createHash('sha256')
    .update(JSON.stringify([organization, channelId, pairs, waitMs, intervalMs, repeatMs]))
    .digest('base64url')
    .slice(0, 22);
};

@Injectable()
export class NoticeGroupsRepository {
  private readonly collection: mongo.Collection<NoticeGroupDocument>;

  constructor(@InjectModel(NOTICE_GROUP) model: Model<NoticeGroupDocument>) {
    this.collection = nativeCollection(model);
  }

  /**
   * The groups, new ones where there are none yet. Their steps begin with the time: a group that was forgotten and comes
   * back makes no key that a message of the old one had.
   */
  async load(
    identities: readonly GroupIdentity[],
    now: Date,
    session: ClientSession,
  ): Promise<Map<string, StoredGroup>> {
    const wanted = new Map(identities.map((identity) => [groupIdOf(identity), identity]));
    const found = await this.collection.find({ _id: { $in: [...wanted.keys()] } }, { session }).toArray();
    const groups = new Map(found.map((document) => [document._id, toGroup(document)]));
    for (const [groupId, identity] of wanted)
      if (!groups.has(groupId))
        groups.set(groupId, {
          ...identity,
          groupId,
          group: newGroup(identity.timing, Math.floor(now.getTime() / 1000)),
          version: 0,
        });
    return groups;
  }

  async find(groupId: string, session: ClientSession): Promise<StoredGroup | undefined> {
    const found = await this.collection.findOne({ _id: groupId }, { session });
    return found ? toGroup(found) : undefined;
  }

  /** Ids of groups that may have something to tell, of every organization, the longest overdue first. */
  async due(now: Date, limit: number): Promise<string[]> {
    const found = await this.collection
      .find({ lookAt: { $lte: now } }, { projection: { _id: 1 }, sort: { lookAt: 1 }, limit })
      .toArray();
    return found.map(({ _id }) => _id);
  }

  /** Forgets groups of every organization without alerts that have told nothing since before then. @returns how many */
  async removeIdle(before: Date): Promise<number> {
    const idle = {
      lookAt: null,
      'members.0': { $exists: false },
      $or: [{ lastAt: null }, { lastAt: { $lt: before } }],
    };
    return (await this.collection.deleteMany(idle)).deletedCount;
  }

  /** @returns whether the version was still that one */
  async write(
    groups: readonly { readonly stored: StoredGroup; readonly group: NoticeGroup; readonly lookAt: Date | null }[],
    session: ClientSession,
  ): Promise<boolean> {
    if (groups.length === 0) return true;
    const operations = groups.map(({ stored, group, lookAt }): mongo.AnyBulkWriteOperation<NoticeGroupDocument> => {
      const { groupId: _id, organization: o, channelId, labels, version } = stored;
      const { timing, members, step, lastAt } = group;
      const changes = { timing, members: [...members], step, lastAt, lookAt, v: version + 1 };
      return version === 0
        ? { insertOne: { document: { _id, o, channelId, labels, ...changes } } }
        : { updateOne: { filter: { _id, v: version }, update: { $set: changes } } };
    });
    const { insertedCount, matchedCount } = await this.collection.bulkWrite(operations, { session });
    return insertedCount + matchedCount === groups.length;
  }

  /** Groups of an organization that an episode of an alert is in. */
  async having(organization: string, alertIds: readonly string[], session: ClientSession): Promise<StoredGroup[]> {
    const filter = { o: organization, 'members.alertId': { $in: [...alertIds] } };
    return (await this.collection.find(filter, { session }).toArray()).map(toGroup);
  }
}

const toGroup = (document: NoticeGroupDocument): StoredGroup => {
  const { _id, o, channelId, labels, timing, members, step, lastAt, v } = document;
  return {
    groupId: _id,
    organization: o,
    ...{ channelId, labels, timing },
    group: { timing, members, step, lastAt },
    version: v,
  };
};
