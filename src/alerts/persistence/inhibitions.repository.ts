import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { InhibitionRule } from '../domain/mutes.js';
import { omit } from '../domain/omit.js';
import { INHIBITION, type InhibitionDocument } from './alert.schemas.js';
import { idOfCursor, isId, pageOf, toId } from './ids.js';

export interface StoredInhibition extends InhibitionRule {
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type InhibitionSettings = Pick<StoredInhibition, 'name' | 'source' | 'target' | 'equal'>;

/** Inhibition rules belong to the organization. */
@Injectable()
export class InhibitionsRepository {
  private readonly collection: mongo.Collection<InhibitionDocument>;

  constructor(@InjectModel(INHIBITION) model: Model<InhibitionDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(scope: Scope, settings: InhibitionSettings, by: string, now: Date): Promise<StoredInhibition> {
    const document: InhibitionDocument = {
      ...{ _id: new Types.ObjectId(), o: scope.organization },
      ...toDocument(settings),
      ...{ createdBy: by, createdAt: now, updatedAt: now },
    };
    await this.collection.insertOne(document);
    return toInhibition(document);
  }

  async find(scope: Scope, id: string): Promise<StoredInhibition | undefined> {
    if (!isId(id)) return undefined;
    const found = await this.collection.findOne({ o: scope.organization, _id: toId(id) });
    return found ? toInhibition(found) : undefined;
  }

  /** Oldest first. */
  async list(scope: Scope, limit: number, cursor?: string): Promise<Page<StoredInhibition>> {
    const found = await this.collection
      .find({ o: scope.organization, ...(cursor !== undefined && { _id: { $gt: idOfCursor(cursor) } }) })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(found, limit, toInhibition);
  }

  async replace(
    scope: Scope,
    id: string,
    settings: InhibitionSettings,
    now: Date,
  ): Promise<StoredInhibition | undefined> {
    if (!isId(id)) return undefined;
    const found = await this.collection.findOneAndUpdate(
      { o: scope.organization, _id: toId(id) },
      { $set: { ...toDocument(settings), updatedAt: now } },
      { returnDocument: 'after' },
    );
    return found ? toInhibition(found) : undefined;
  }

  async remove(scope: Scope, id: string): Promise<boolean> {
    if (!isId(id)) return false;
    return (await this.collection.deleteOne({ o: scope.organization, _id: toId(id) })).deletedCount > 0;
  }

  async all(organization: string): Promise<StoredInhibition[]> {
    return (await this.collection.find({ o: organization }).toArray()).map(toInhibition);
  }
}

const toDocument = ({ name, source, target, equal }: InhibitionSettings) => ({
  name,
  source: [...source],
  target: [...target],
  equal: [...equal],
});

const toInhibition = (document: InhibitionDocument): StoredInhibition => ({
  ...omit(document, '_id', 'o'),
  inhibitionRuleId: document._id.toHexString(),
});
