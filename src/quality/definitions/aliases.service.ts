import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../../auth/index.js';
import { Clock, DomainError, invalid, notFound, type Scope } from '../../common/index.js';
import { TestsRepository, type StoredTest } from '../../executions/index.js';
import { followAliases, type TestAlias } from './definition.js';
import { DefinitionsService } from './definitions.service.js';
import { TestAliasesRepository } from './test-aliases.repository.js';

/** Joins renamed tests to their past, and undoes it. */
@Injectable()
export class AliasesService {
  constructor(
    private readonly aliases: TestAliasesRepository,
    private readonly tests: TestsRepository,
    private readonly definitions: DefinitionsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * From now on the outcomes of the past test are told as those of the present one.
   * @throws DomainError 404; 422 `alias_of_other_project` or `alias_of_itself`; 409 `already_aliased` or `alias_circle`
   */
  async join(principal: Principal, testId: string, pastTestId: string, reason: string): Promise<TestAlias> {
    const present = await this.require(principal.scope, testId);
    const past = await this.require(principal.scope, pastTestId);
    const { projectId, projectKey } = present;
    await this.checkPair(principal.scope, present, past);
    const alias: TestAlias = {
      ...{ projectId, projectKey, pastTestId, testId, reason },
      pastNumber: past.number,
      number: present.number,
      by: principal.subject,
      at: this.clock.now(),
    };
    if (!(await this.aliases.insert(principal.scope, alias)))
      throw new DomainError(
        'conflict',
        'already_aliased',
        'The past test goes on as another test already: undo that first',
      );
    await this.definitions.changed(principal.organization, projectId);
    await this.audit.record(
      principal,
      'test.aliased',
      { type: 'test', id: testId, projectKey },
      { of: pastTestId, reason },
    );
    return alias;
  }

  /** Undoes the aliases of a present test, or the one of `pastTestId`. @throws DomainError 404 where there is none */
  async undo(principal: Principal, testId: string, pastTestId?: string): Promise<void> {
    const { projectId, projectKey } = await this.require(principal.scope, testId);
    const all = await this.aliases.ofProjects(principal.scope, [projectId]);
    const gone = all
      .filter((alias) => alias.testId === testId && (pastTestId === undefined || alias.pastTestId === pastTestId))
      .map((alias) => alias.pastTestId);
    if (gone.length === 0) throw notFound('Alias');
    await this.aliases.remove(principal.scope, gone);
    await this.definitions.changed(principal.organization, projectId);
    await this.audit.record(principal, 'test.alias_undone', { type: 'test', id: testId, projectKey }, { of: gone });
  }

  private async checkPair(scope: Scope, present: StoredTest, past: StoredTest): Promise<void> {
    const at = [{ pointer: '/of', detail: 'must be another test of the same project' }];
    if (present.testId === past.testId) throw invalid('alias_of_itself', 'A test cannot be its own past', at);
    if (present.projectId !== past.projectId)
      throw invalid('alias_of_other_project', 'Both tests must be of one project', at);
    const all = await this.aliases.ofProjects(scope, [present.projectId]);
    const next = new Map(all.map((alias) => [alias.pastTestId, alias.testId]));
    if (followAliases(next, present.testId) === past.testId)
      throw new DomainError('conflict', 'alias_circle', 'The past test is the present name of this one');
  }

  private async require(scope: Scope, testId: string): Promise<StoredTest> {
    const [test] = await this.tests.findByIds(scope, [testId]);
    if (!test) throw notFound('Test');
    return test;
  }
}
