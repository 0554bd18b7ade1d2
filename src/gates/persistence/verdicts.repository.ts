import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { isDuplicateKey, mayTouchProject, type Scope } from '../../common/index.js';
import { VERDICT, type VerdictDocument } from './gate.schemas.js';

export type StoredVerdict = Pick<
  VerdictDocument,
  'subject' | 'version' | 'runsKey' | 'dataKey' | 'contentHash' | 'verdict' | 'answer' | 'at'
>;

/** Verdicts that were answered, each under its version. */
@Injectable()
export class VerdictsRepository {
  constructor(@InjectModel(VERDICT) private readonly model: Model<VerdictDocument>) {}

  async newest(scope: Scope, project: string, subject: string): Promise<StoredVerdict | undefined> {
    if (!mayTouchProject(scope, project)) return undefined;
    const filter = { o: scope.organization, pk: project, subject };
    const found = await this.model.findOne(filter).sort({ version: -1 }).lean<VerdictDocument>();
    return found ?? undefined;
  }

  /** false where somebody else has stored that version. */
  async insert(scope: Scope, project: string, verdict: StoredVerdict): Promise<boolean> {
    try {
      await this.model.create({ ...verdict, o: scope.organization, pk: project });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  /** The same finding stands for newer data too: the next question at that data is answered from here. */
  async confirm(scope: Scope, project: string, { subject, version, dataKey, answer }: StoredVerdict): Promise<void> {
    const filter = { o: scope.organization, pk: project, subject, version };
    await this.model.updateOne(filter, { $set: { dataKey, answer } });
  }
}
