import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { nativeCollection, type Scope } from '../../common/index.js';
import { OUTAGE_DECISION, type OutageDecisionDocument } from './definition.schemas.js';
import type { OutageDecision } from './definition.js';
import { within } from './within.js';

@Injectable()
export class OutageDecisionsRepository {
  constructor(@InjectModel(OUTAGE_DECISION) private readonly model: Model<OutageDecisionDocument>) {}

  async ofProjects(scope: Scope, projectIds: readonly string[]): Promise<OutageDecision[]> {
    const p = { $in: projectIds.map((id) => new Types.ObjectId(id)) };
    const found = await nativeCollection<OutageDecisionDocument>(this.model)
      .find({ ...within(scope), p })
      .toArray();
    return found.map(toDecision);
  }

  /** Replaces what was decided about the run before. */
  async put(scope: Scope, { runId, projectId, projectKey, ...rest }: OutageDecision): Promise<void> {
    await this.model.replaceOne(
      { ...within(scope), _id: runId },
      { o: scope.organization, p: new Types.ObjectId(projectId), pk: projectKey, ...rest },
      { upsert: true },
    );
  }
}

const toDecision = ({ _id, p, pk, excluded, reason, by, at }: OutageDecisionDocument): OutageDecision => ({
  runId: _id,
  projectId: p.toHexString(),
  projectKey: pk,
  ...{ excluded, reason, by, at },
});
