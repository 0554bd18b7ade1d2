import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import type { Scope } from '../../common/index.js';
import { QUARANTINE_LABELS, type QuarantinePolicy } from '../domain/quarantine.js';
import { type PolicyDocument, QUARANTINE_POLICY } from './gate.schemas.js';
import { within } from './within.js';

/** A policy with who set it last; without where nobody has. */
export interface StoredPolicy extends QuarantinePolicy {
  readonly updatedBy: string;
  readonly updatedAt: Date;
}

@Injectable()
export class QuarantinePoliciesRepository {
  constructor(@InjectModel(QUARANTINE_POLICY) private readonly model: Model<PolicyDocument>) {}

  async find(scope: Scope, projectId: string): Promise<StoredPolicy | undefined> {
    const filter = { ...within(scope), _id: new Types.ObjectId(projectId) };
    const found = await this.model.findOne(filter).lean<PolicyDocument>();
    return found ? toPolicy(found) : undefined;
  }

  async put(
    scope: Scope,
    project: { readonly id: string; readonly key: string },
    policy: StoredPolicy,
  ): Promise<StoredPolicy> {
    const _id = new Types.ObjectId(project.id);
    const document = { o: scope.organization, pk: project.key, ...policy, labels: [...policy.labels] };
    await this.model.replaceOne({ ...within(scope), _id }, document, { upsert: true });
    return policy;
  }

  /** Projects of every organization whose policy is switched on: for the sweep only. */
  async enabled(): Promise<{ readonly organization: string; readonly projectId: string }[]> {
    const found = await this.model.find({ enabled: true }, { o: 1 }).lean<Pick<PolicyDocument, '_id' | 'o'>[]>();
    return found.map(({ _id, o }) => ({ organization: o, projectId: _id.toHexString() }));
  }
}

const toPolicy = (document: PolicyDocument): StoredPolicy => {
  const { enabled, labels, minFlakinessLow, maxTests, expireDays, stableAfterRuns, updatedBy, updatedAt } = document;
  return {
    ...{ enabled, minFlakinessLow, maxTests, expireDays, stableAfterRuns, updatedBy, updatedAt },
    labels: QUARANTINE_LABELS.filter((label) => labels.includes(label)),
  };
};
