import { Injectable } from '@nestjs/common';
import { resultIdOf, ResultsRepository, RunsRepository, TestsRepository } from '../../executions/index.js';
import { MetricsService } from '../../metrics/index.js';
import { type Culprit, type Suspect, SuspectCollector } from '../domain/culprit.js';
import { omit } from '../domain/omit.js';
import { windowAt } from '../domain/reading.js';
import type { AlertRule, Group } from '../domain/rule.js';
import type { EvaluationRound } from './evaluation-round.js';

const MAX_TEXT = 500;

/** Which run and which failure are behind an alert that begins to fire, as far as the results tell. */
@Injectable()
export class CulpritsService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly runs: RunsRepository,
    private readonly tests: TestsRepository,
    private readonly results: ResultsRepository,
  ) {}

  /** undefined where the window holds no outcome of the group. */
  async find(round: EvaluationRound, rule: AlertRule, group: Group): Promise<Culprit | undefined> {
    const suspects = await this.suspects(round, rule);
    const suspect = suspects.of(await this.rowGroup(round, group));
    if (!suspect) return undefined;
    return round.once(['culprit', suspect], () => this.describe(round, suspect));
  }

  private suspects(
    round: EvaluationRound,
    { filter, windowMs, timeZone, groupBy }: AlertRule,
  ): Promise<SuspectCollector> {
    const range = windowAt(round.at, windowMs, timeZone);
    return round.once(['suspects', filter, range, groupBy], async () => {
      const collector = new SuspectCollector(groupBy);
      for await (const day of this.metrics.scanRows(round.scope, { filter, range, attempts: 'final' })) {
        collector.add(day);
        await round.slices.pause();
      }
      return collector;
    });
  }

  /** Rows know tests by their numbers. */
  private async rowGroup({ scope }: EvaluationRound, group: Group): Promise<Group> {
    if (group.test === undefined) return group;
    const [test] = await this.tests.findByIds(scope, [group.test]);
    return test ? { ...group, test: `${test.projectId}:${test.number}` } : group;
  }

  private async describe({ scope }: EvaluationRound, suspect: Suspect): Promise<Culprit> {
    const { example } = suspect;
    const facts = omit(suspect, 'example', 'projectId');
    const run = await this.runs.find(scope, suspect.runId);
    const named = { ...facts, ...(run?.name !== undefined && { runName: run.name }) };
    if (!example) return named;
    const test = (await this.tests.byNumbers(example.projectId, [example.number])).get(example.number);
    if (!test) return named;
    const id = resultIdOf(example.runStartedAtSeconds, example.runId, test.testId, example.attempt).toString('hex');
    const [result] = await this.results.findByIds(scope, [id]);
    const error = result?.error?.message ?? result?.error?.type;
    return {
      ...named,
      testId: test.testId,
      testName: test.name,
      resultId: id,
      ...(error !== undefined && { error: firstLine(error) }),
    };
  }
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, MAX_TEXT);
