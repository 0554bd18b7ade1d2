import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model } from 'mongoose';
import { isDuplicateKey, nativeCollection, type Scope } from '../../common/index.js';
import { TEST_ALIAS, type TestAliasDocument } from './definition.schemas.js';
import type { TestAlias } from './definition.js';
import { within } from './within.js';

@Injectable()
export class TestAliasesRepository {
  constructor(@InjectModel(TEST_ALIAS) private readonly model: Model<TestAliasDocument>) {}

  async ofProjects(scope: Scope, projectIds: readonly string[]): Promise<TestAlias[]> {
    const p = { $in: projectIds.map((id) => new Types.ObjectId(id)) };
    const found = await nativeCollection<TestAliasDocument>(this.model)
      .find({ ...within(scope), p })
      .toArray();
    return found.map(toAlias);
  }

  /** false where the past test has a present name already. */
  async insert(scope: Scope, alias: TestAlias): Promise<boolean> {
    const { projectId, projectKey, pastTestId, pastNumber, testId, number, reason, by, at } = alias;
    try {
      await this.model.create({
        _id: pastTestId,
        o: scope.organization,
        p: new Types.ObjectId(projectId),
        pk: projectKey,
        pastNo: pastNumber,
        to: testId,
        toNo: number,
        ...{ reason, by, at },
      });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  async remove(scope: Scope, pastTestIds: readonly string[]): Promise<void> {
    await this.model.deleteMany({ ...within(scope), _id: { $in: [...pastTestIds] } });
  }
}

const toAlias = ({ _id, p, pk, pastNo, to, toNo, reason, by, at }: TestAliasDocument): TestAlias => ({
  projectId: p.toHexString(),
  projectKey: pk,
  pastTestId: _id,
  pastNumber: pastNo,
  testId: to,
  number: toNo,
  ...{ reason, by, at },
});
