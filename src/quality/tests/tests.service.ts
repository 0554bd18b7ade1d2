import { Injectable } from '@nestjs/common';
import { invalid, notFound, type Page, type Scope, Slices } from '../../common/index.js';
import { TestsRepository, type StoredTest } from '../../executions/index.js';
import { MetricsService, type MetricFilter, type TimeRange } from '../../metrics/index.js';
import type { AssessedTest, Assessment } from '../assessments/assessment.js';
import { AssessmentsService } from '../assessments/assessments.service.js';
import { followAliases, type TestAlias } from '../definitions/definition.js';
import { DefinitionsService } from '../definitions/definitions.service.js';
import type { TestLabel } from '../domain/labels.js';
import type { NextFailure } from '../domain/next-failure.js';
import { pageOf } from '../keyset-page.js';
import { predictionOf, suiteTransitions } from '../next-run.js';
import { QuarantineLookup } from '../quarantine-lookup.js';
import { identityOf, rankingKeys, type Order, type Ranking } from './ranking.js';
import { suggestRenames, type RenameSuggestion } from './rename-suggestions.js';
import { TestNames, type TestName } from './test-names.service.js';

export interface RankingRequest {
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly sort: Ranking;
  readonly order: Order;
  readonly labels?: readonly TestLabel[];
  /** Part of the name or suite, whatever the case. */
  readonly search?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** A test of a ranking, with what only the shown ones are asked for. */
export interface RankedTest {
  readonly test: AssessedTest;
  readonly name: TestName;
  readonly next: NextFailure;
  readonly quarantined: boolean;
}

export interface RankingAnswer {
  readonly assessment: Assessment;
  readonly page: Page<RankedTest> & { readonly total: number };
}

/** One test: `test` is its present name, `ranked` is absent where it has no outcome in the window. */
export interface TestDetail {
  readonly assessment: Assessment;
  readonly test: StoredTest;
  readonly requestedTestId: string;
  readonly aliases: readonly TestAlias[];
  readonly ranked?: RankedTest;
}

export interface NamedSuggestion extends RenameSuggestion {
  readonly pastName: TestName;
  readonly presentName: TestName;
}

/** Tests as people look at them: ranked, found, one by one. */
@Injectable()
export class TestsService {
  constructor(
    private readonly assessments: AssessmentsService,
    private readonly definitions: DefinitionsService,
    private readonly tests: TestsRepository,
    private readonly metrics: MetricsService,
    private readonly names: TestNames,
    private readonly quarantine: QuarantineLookup,
  ) {}

  async rank(scope: Scope, request: RankingRequest): Promise<RankingAnswer> {
    const { filter, range, sort, order, labels, search, limit, cursor } = request;
    const assessment = await this.assessments.assess(scope, { filter, range });
    let tests = assessment.tests.filter((test) => !labels || labels.includes(test.assessment.label));
    const needsNames = search !== undefined || sort === 'name';
    const names = needsNames ? await this.names.of(tests) : new Map<string, TestName>();
    if (search !== undefined) {
      const part = search.toLowerCase();
      tests = tests.filter((test) => {
        const { name = '', suite = '' } = names.get(identityOf(test)) ?? {};
        return name.toLowerCase().includes(part) || suite.toLowerCase().includes(part);
      });
    }
    const keys = rankingKeys(sort, order, (test) => names.get(identityOf(test))?.name ?? '');
    const { items, ...page } = pageOf(tests, keys, limit, cursor);
    return { assessment, page: { ...page, items: await this.describe(scope, assessment, items) } };
  }

  async search(
    scope: Scope,
    request: {
      readonly text?: string;
      readonly projects?: readonly string[];
      readonly limit: number;
      readonly cursor?: string;
    },
  ): Promise<Page<StoredTest>> {
    const { projects: keys, ...rest } = request;
    const projects = await this.metrics.projectsOf(scope, { ...(keys && { projects: keys }) });
    return this.tests.search(scope, { ...rest, projectIds: projects.map((project) => project.id) });
  }

  /** By id; tests that the caller may not see are left out. */
  async namesOf(scope: Scope, testIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = await this.tests.findByIds(scope, testIds);
    return new Map(found.map(({ testId, name }) => [testId, name]));
  }

  /** What the answers about one test depend on. @throws DomainError 404 */
  async versionOf(scope: Scope, testId: string, range: TimeRange): Promise<string> {
    const { test } = await this.present(scope, testId);
    const { key } = await this.assessments.version(scope, { filter: { projects: [test.projectKey] }, range });
    return `${test.testId} ${key}`;
  }

  /** @throws DomainError 404 for a test that is not there, or not the caller's */
  async find(scope: Scope, testId: string, range: TimeRange): Promise<TestDetail> {
    const { test, aliases } = await this.present(scope, testId);
    const assessment = await this.assessments.assess(scope, { filter: { projects: [test.projectKey] }, range });
    const found = assessment.tests.filter((one) => one.projectId === test.projectId && one.number === test.number);
    const [ranked] = await this.describe(scope, assessment, found);
    return { assessment, test, requestedTestId: testId, aliases, ...(ranked && { ranked }) };
  }

  async suggestRenames(
    scope: Scope,
    filter: MetricFilter,
    range: TimeRange,
  ): Promise<{ readonly assessment: Assessment; readonly items: readonly NamedSuggestion[] }> {
    const assessment = await this.assessments.assess(scope, { filter, range });
    const names = await this.names.of(assessment.tests);
    const nameOf = (test: AssessedTest): string | undefined => names.get(identityOf(test))?.name;
    const suggestions = await suggestRenames(assessment, nameOf, new Slices());
    const items = suggestions.flatMap((suggestion) => {
      const pastName = names.get(identityOf(suggestion.past));
      const presentName = names.get(identityOf(suggestion.present));
      return pastName && presentName ? [{ ...suggestion, pastName, presentName }] : [];
    });
    return { assessment, items };
  }

  /** The test, or the present name of one that was renamed. */
  private async present(scope: Scope, testId: string): Promise<{ test: StoredTest; aliases: TestAlias[] }> {
    if (!/^[0-9a-f]{24}$/.test(testId))
      throw invalid('invalid_test_id', 'A test id is 24 hex digits', [
        { pointer: '/testId', detail: 'must be 24 hex digits' },
      ]);
    const [asked] = await this.tests.findByIds(scope, [testId]);
    if (!asked) throw notFound('Test');
    const { aliases } = await this.definitions.of(scope, [asked.projectId]);
    const next = new Map(aliases.map((alias) => [alias.pastTestId, alias.testId]));
    const presentId = followAliases(next, testId);
    const [test] = presentId === testId ? [asked] : await this.tests.findByIds(scope, [presentId]);
    if (!test) throw notFound('Test');
    return { test, aliases: aliases.filter((alias) => followAliases(next, alias.pastTestId) === presentId) };
  }

  private async describe(scope: Scope, assessment: Assessment, tests: readonly AssessedTest[]): Promise<RankedTest[]> {
    const names = await this.names.of(tests);
    const suites = suiteTransitions(assessment.tests);
    const projectIds = [...new Set(tests.map((test) => test.projectId))];
    const quarantined = await this.quarantine.quarantined(scope, projectIds);
    return tests.flatMap((test) => {
      const name = names.get(identityOf(test));
      if (!name) return [];
      return [{ test, name, next: predictionOf(test, suites), quarantined: quarantined.has(name.testId) }];
    });
  }
}
