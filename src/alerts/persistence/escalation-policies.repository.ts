import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { EscalationPlan } from '../domain/escalation.js';
import { omit } from '../domain/omit.js';
import { ESCALATION_POLICY, type EscalationPolicyDocument } from './alert.schemas.js';
import { idOfCursor, idsIn, isId, pageOf, toId } from './ids.js';

export interface EscalationPolicy extends EscalationPlan {
  readonly description?: string;
  readonly version: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type EscalationPolicySettings = Pick<EscalationPolicy, 'name' | 'description' | 'levels' | 'repeat'>;

/** Policies belong to the organization. */
@Injectable()
export class EscalationPoliciesRepository {
  private readonly collection: mongo.Collection<EscalationPolicyDocument>;

  constructor(@InjectModel(ESCALATION_POLICY) model: Model<EscalationPolicyDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(scope: Scope, settings: EscalationPolicySettings, by: string, now: Date): Promise<EscalationPolicy> {
    const document: EscalationPolicyDocument = {
      _id: new Types.ObjectId(),
      o: scope.organization,
      ...toDocument(settings),
      version: 1,
      createdBy: by,
      createdAt: now,
      updatedAt: now,
    };
    await this.collection.insertOne(document);
    return toPolicy(document);
  }

  async find(scope: Scope, policyId: string): Promise<EscalationPolicy | undefined> {
    if (!isId(policyId)) return undefined;
    const found = await this.collection.findOne({ o: scope.organization, _id: toId(policyId) });
    return found ? toPolicy(found) : undefined;
  }

  /** By id; ids that name nothing are left out. */
  async findMany(scope: Scope, policyIds: readonly string[]): Promise<Map<string, EscalationPolicy>> {
    if (policyIds.length === 0) return new Map();
    const found = await this.collection.find({ o: scope.organization, _id: { $in: idsIn(policyIds) } }).toArray();
    return new Map(found.map((document) => [document._id.toHexString(), toPolicy(document)]));
  }

  /** Oldest first. */
  async list(scope: Scope, limit: number, cursor?: string): Promise<Page<EscalationPolicy>> {
    const found = await this.collection
      .find({ o: scope.organization, ...(cursor !== undefined && { _id: { $gt: idOfCursor(cursor) } }) })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .toArray();
    return pageOf(found, limit, toPolicy);
  }

  /** The first of those that have a level with a channel. */
  async usingChannel(scope: Scope, channelId: string, limit: number): Promise<EscalationPolicy[]> {
    const filter = { o: scope.organization, 'levels.channels': channelId };
    return (await this.collection.find(filter).sort({ _id: 1 }).limit(limit).toArray()).map(toPolicy);
  }

  async replace(
    scope: Scope,
    policyId: string,
    settings: EscalationPolicySettings,
    now: Date,
  ): Promise<EscalationPolicy | undefined> {
    if (!isId(policyId)) return undefined;
    const found = await this.collection.findOneAndUpdate(
      { o: scope.organization, _id: toId(policyId) },
      {
        $set: { ...toDocument(settings), updatedAt: now },
        ...(settings.description === undefined && { $unset: { description: 1 } }),
        $inc: { version: 1 },
      },
      { returnDocument: 'after' },
    );
    return found ? toPolicy(found) : undefined;
  }

  async remove(scope: Scope, policyId: string): Promise<boolean> {
    if (!isId(policyId)) return false;
    return (await this.collection.deleteOne({ o: scope.organization, _id: toId(policyId) })).deletedCount > 0;
  }
}

const toDocument = ({ name, description, levels, repeat }: EscalationPolicySettings) => ({
  ...{ name, repeat },
  levels: [...levels],
  ...(description !== undefined && { description }),
});

const toPolicy = (document: EscalationPolicyDocument): EscalationPolicy => ({
  ...omit(document, '_id', 'o'),
  policyId: document._id.toHexString(),
});
