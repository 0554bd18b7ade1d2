import { Injectable } from '@nestjs/common';
import { TestsRepository } from '../../executions/index.js';
import { MetricsService, testRef, type TimeRange } from '../../metrics/index.js';
import { type Definitions, DefinitionsService, QuarantineLookup, withAllNames } from '../../quality/index.js';
import { HISTORY_DAYS, NewFailureCollector, type NewFailures } from '../domain/new-failures.js';
import { type Reading, toFigure, windowAt } from '../domain/reading.js';
import type { ReadableRule } from '../domain/rule.js';
import type { EvaluationRound } from './evaluation-round.js';
import { TestIds } from './test-ids.service.js';

const DAY_MS = 86_400_000;

/** How many tests fail now that did not before; those in quarantine are left out. */
@Injectable()
export class NewFailureReader {
  constructor(
    private readonly metrics: MetricsService,
    private readonly tests: TestsRepository,
    private readonly quarantine: QuarantineLookup,
    private readonly definitions: DefinitionsService,
    private readonly ids: TestIds,
  ) {}

  async read(round: EvaluationRound, rule: ReadableRule): Promise<readonly Reading[]> {
    const { filter, groupBy, windowMs, timeZone } = rule;
    const range = windowAt(round.at, windowMs, timeZone);
    const found = await round.once(['new_failures', filter, range, groupBy], () => this.find(round, rule, range));
    const readings = found.map(({ group, tests, n }) => ({
      group,
      figure: toFigure({ value: tests.length, n }),
    }));
    return groupBy.includes('test') ? this.ids.name(readings) : readings;
  }

  private async find(
    { scope, slices }: EvaluationRound,
    { filter: asked, groupBy }: ReadableRule,
    range: TimeRange,
  ): Promise<NewFailures[]> {
    const projects = (await this.metrics.projectsOf(scope, asked)).map(({ id }) => id);
    const definitions = await this.definitions.of(scope, projects);
    const filter = asked.tests ? { ...asked, tests: withAllNames(asked.tests, definitions.aliases) } : asked;
    const excused = await this.quarantined(scope, projects, definitions);
    const collector = new NewFailureCollector(groupBy, (test) => excused.has(test), definitions.canonical);
    for await (const day of this.metrics.scanRows(scope, { filter, range, attempts: 'final' })) {
      collector.addWindow(day);
      await slices.pause();
    }
    if (!collector.hasFailures) return collector.finish();
    const past = { ...range, from: new Date(range.from.getTime() - HISTORY_DAYS * DAY_MS), to: range.from };
    for await (const day of this.metrics.scanRows(scope, { filter, range: past, attempts: 'final' })) {
      collector.addPast(day);
      await slices.pause();
    }
    return collector.finish();
  }

  /** As `projectId:number` of their present names. */
  private async quarantined(
    scope: EvaluationRound['scope'],
    projects: readonly string[],
    { canonical }: Definitions,
  ): Promise<ReadonlySet<string>> {
    const testIds = await this.quarantine.quarantined(scope, projects);
    if (testIds.size === 0) return new Set();
    const tests = await this.tests.findByIds(scope, [...testIds]);
    return new Set(tests.map(({ projectId, number }) => testRef(projectId, canonical(projectId, number))));
  }
}
