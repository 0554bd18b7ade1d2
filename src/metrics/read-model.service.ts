import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  CommitHookRegistry,
  ResultsRepository,
  type AttemptRecord,
  type CommitHook,
  type Run,
} from '../executions/index.js';
import { Clock, failpoint } from '../common/index.js';
import { buildRunDays } from './domain/build-rows.js';
import { packGenerations } from './domain/frozen-run.js';
import { DOCUMENT_BYTES } from './domain/seal.js';
import { DaysRepository } from './persistence/days.repository.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';

/** The write side of the read model: what executions calls before it answers 2xx. Every step can be repeated. */
@Injectable()
export class ReadModelService implements CommitHook, OnModuleInit {
  constructor(
    private readonly registry: CommitHookRegistry,
    private readonly summaries: RunSummariesRepository,
    private readonly results: ResultsRepository,
    private readonly days: DaysRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.registry.register(this);
  }

  async summarise(
    run: Run,
    attempts: readonly AttemptRecord[],
    previousDays: readonly number[],
  ): Promise<readonly number[]> {
    const runDays = buildRunDays(run, attempts);
    const days = runDays.map(({ day }) => day);
    const replaced = await this.summaries.replace(run, runDays);
    failpoint('summary-replaced');
    // the summary before may be that of an attempt that was killed, so its days count beside the caller's
    await this.touch(run, [...previousDays, ...replaced, ...days]);
    failpoint('days-touched');
    return days;
  }

  async freeze(run: Run, state: 'deleted' | 'expired'): Promise<void> {
    const days = await this.summaries.freeze(run.runId, state, await this.generationsOf(run));
    failpoint('summary-frozen');
    await this.touch(run, [...run.days, ...days]);
  }

  /**
   * In which generation each row came, while the results still say so: what a report that is older than the last batch
   * is answered from later. None for a run that came in one batch, or that is frozen already: its results may be gone.
   */
  private async generationsOf({ runId, projectId, generation }: Run): Promise<readonly Buffer[]> {
    if (generation < 2) return [];
    const parts = (await this.summaries.partsOfRuns(projectId, [runId])).get(runId) ?? [];
    if (parts.some(({ part }) => part.state !== 'live')) return [];
    const attempts = await this.results.attemptsOfRun(runId);
    const columns = parts.map(({ part }) => packGenerations(part.rows, attempts));
    const sizes = [...parts.map(({ size }) => size), ...columns.map(({ length }) => length)];
    // better without its past than never removed
    return sizes.reduce((sum, size) => sum + size, 0) > DOCUMENT_BYTES ? [] : columns;
  }

  private touch(run: Run, days: readonly number[]): Promise<void> {
    return this.days.touch(run.organization, run.projectId, [...new Set(days)], this.clock.now());
  }
}
