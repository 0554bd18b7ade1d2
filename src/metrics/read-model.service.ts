import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CommitHookRegistry, type AttemptRecord, type CommitHook, type Run } from '../executions/index.js';
import { Clock, failpoint } from '../common/index.js';
import { buildRunDays } from './domain/build-rows.js';
import { DaysRepository } from './persistence/days.repository.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';

/** The write side of the read model: what executions calls before it answers 2xx. Every step can be repeated. */
@Injectable()
export class ReadModelService implements CommitHook, OnModuleInit {
  constructor(
    private readonly registry: CommitHookRegistry,
    private readonly summaries: RunSummariesRepository,
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
    const days = await this.summaries.freeze(run.runId, state);
    failpoint('summary-frozen');
    await this.touch(run, [...run.days, ...days]);
  }

  private touch(run: Run, days: readonly number[]): Promise<void> {
    return this.days.touch(run.organization, run.projectId, [...new Set(days)], this.clock.now());
  }
}
