import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { Matcher } from '../domain/labels.js';
import type { Silence } from '../domain/mutes.js';
import { omit } from '../domain/omit.js';
import { SILENCE, type SilenceDocument } from './alert.schemas.js';
import { idOfCursor, isId, pageOf, toId } from './ids.js';

export interface StoredSilence extends Silence {
  readonly comment: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type SilenceSettings = Pick<StoredSilence, 'matchers' | 'startsAt' | 'endsAt' | 'comment'>;
export const SILENCE_STATES = ['pending', 'active', 'expired'] as const;
export type SilenceState = (typeof SILENCE_STATES)[number];

@Injectable()
export class SilencesRepository {
  private readonly collection: mongo.Collection<SilenceDocument>;

  constructor(@InjectModel(SILENCE) model: Model<SilenceDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(scope: Scope, settings: SilenceSettings, by: string, now: Date): Promise<StoredSilence> {
    const document: SilenceDocument = {
      ...{ _id: new Types.ObjectId(), o: scope.organization },
      ...toDocument(settings),
      ...{ createdBy: by, createdAt: now, updatedAt: now },
    };
    await this.collection.insertOne(document);
    return toSilence(document);
  }

  async find(scope: Scope, silenceId: string): Promise<StoredSilence | undefined> {
    if (!isId(silenceId)) return undefined;
    const found = await this.collection.findOne({ ...within(scope), _id: toId(silenceId) });
    return found ? toSilence(found) : undefined;
  }

  /** Newest first. */
  async list(
    scope: Scope,
    state: SilenceState | undefined,
    now: Date,
    limit: number,
    cursor?: string,
  ): Promise<Page<StoredSilence>> {
    const after = cursor === undefined ? [] : [{ _id: { $lt: idOfCursor(cursor) } }];
    const found = await this.collection
      .find({ $and: [within(scope), ...(state ? [STATE[state](now)] : []), ...after] })
      .sort({ _id: -1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(found, limit, toSilence);
  }

  async replace(
    scope: Scope,
    silenceId: string,
    settings: SilenceSettings,
    now: Date,
  ): Promise<StoredSilence | undefined> {
    const found = await this.collection.findOneAndUpdate(
      { ...within(scope), _id: toId(silenceId) },
      { $set: { ...toDocument(settings), updatedAt: now } },
      { returnDocument: 'after' },
    );
    return found ? toSilence(found) : undefined;
  }

  async remove(scope: Scope, silenceId: string): Promise<boolean> {
    return (await this.collection.deleteOne({ ...within(scope), _id: toId(silenceId) })).deletedCount > 0;
  }

  /** All that mute something now, whoever made them: for messages and status. */
  async active(organization: string, now: Date): Promise<StoredSilence[]> {
    const found = await this.collection.find({ o: organization, ...STATE.active(now) }).toArray();
    return found.map(toSilence);
  }
}

const STATE: Readonly<Record<SilenceState, (now: Date) => object>> = {
  pending: (now) => ({ startsAt: { $gt: now } }),
  active: (now) => ({ startsAt: { $lte: now }, endsAt: { $gt: now } }),
  expired: (now) => ({ endsAt: { $lte: now } }),
};

const within = (scope: Scope): object => ({
  o: scope.organization,
  ...(scope.projects !== 'all' && { pk: { $in: [...scope.projects] } }),
});

/** The one project whose alerts it can match; null where it may match any. */
export const projectOf = (matchers: readonly Matcher[]): string | null =>
  matchers.find(({ label, operator }) => label === 'project' && operator === '=')?.value ?? null;

const toDocument = ({ matchers, startsAt, endsAt, comment }: SilenceSettings) => ({
  pk: projectOf(matchers),
  matchers: [...matchers],
  ...{ startsAt, endsAt, comment },
});

const toSilence = (document: SilenceDocument): StoredSilence => ({
  ...omit(document, '_id', 'o', 'pk'),
  silenceId: document._id.toHexString(),
});
