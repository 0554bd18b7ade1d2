import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, invalid, notFound, type Page, type Scope } from '../common/index.js';
import { ProjectsService } from '../projects/index.js';
import { BatchWriter } from './batch-writer.js';
import type { BatchOutcome } from './domain/batch-outcome.js';
import type { ResultStatus, RunInput } from './domain/model.js';
import { type FinishInput, finishPatch, newRunOf } from './domain/new-run.js';
import { AttemptNumbers } from './domain/prepare-results.js';
import { runKeyOf, type RunKeySource } from './domain/run-key.js';
import type { RunRecord } from './domain/run-record.js';
import type { StoredResult } from './domain/stored.js';
import { ResultsRepository } from './persistence/results.repository.js';
import { type RunFilter, RunsRepository } from './persistence/runs.repository.js';
import { type BatchRow, ResultPreparer } from './result-preparer.js';
import { checkRows, type CheckedRows } from './row-check.js';
import { type IntakeOutcome, RunIntake } from './run-intake.js';
import { RunRemover } from './run-remover.js';

/** A run as it comes in. */
export interface RunRequest {
  readonly metadata: RunInput;
  /** undefined: the run begins, and its results come in batches. */
  readonly rows: readonly unknown[] | undefined;
  readonly onInvalid: 'fail' | 'skip';
  readonly key: RunKeySource;
}

@Injectable()
export class RunsService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly intake: RunIntake,
    private readonly preparer: ResultPreparer,
    private readonly writer: BatchWriter,
    private readonly remover: RunRemover,
    private readonly runs: RunsRepository,
    private readonly results: ResultsRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Starts a run, or stores it whole; sent again it is the same run. */
  async create(principal: Principal, { metadata, rows, onInvalid, key }: RunRequest): Promise<IntakeOutcome> {
    const project = await this.projects.requireForIngest(principal, metadata.project);
    const now = this.clock.now();
    const checked = await this.check(rows ?? [], onInvalid, now);
    const status = rows !== undefined || metadata.finishedAt !== undefined ? 'finished' : 'running';
    const startedAt = startOf(metadata, checked.rows, now);
    const newRun = newRunOf(project, metadata, runKeyOf(key), { status, startedAt });
    return withRejected(await this.intake.take(newRun, [checked.rows]), checked);
  }

  /** Adds a batch to a run, whether it is still running or not. */
  async addResults(
    scope: Scope,
    runId: string,
    rows: readonly unknown[],
    onInvalid: 'fail' | 'skip',
  ): Promise<BatchOutcome> {
    const run = await this.intake.requireLive(scope, runId);
    const checked = await this.check(rows, onInvalid, this.clock.now());
    const prepared = await this.preparer.prepare(run, checked.rows, new AttemptNumbers());
    return withRejected(await this.writer.write(runId, prepared), checked);
  }

  /** Ends a live run; again, it changes nothing. */
  async finish(scope: Scope, runId: string, input: FinishInput): Promise<RunRecord> {
    const { startedAt } = await this.intake.requireLive(scope, runId);
    if (input.finishedAt !== undefined && Date.parse(input.finishedAt) < startedAt.getTime())
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/finishedAt', detail: `must not be before the start of the run, ${startedAt.toISOString()}` },
      ]);
    const now = this.clock.now();
    const { run } = await this.writer.write(runId, [], { patchOf: (current) => finishPatch(current, input, now) });
    return run;
  }

  list(scope: Scope, filter: RunFilter, limit: number, cursor?: string): Promise<Page<RunRecord>> {
    return this.runs.list(scope, filter, limit, cursor);
  }

  /** @throws DomainError 404 for a run that is not there, not the caller's, or deleted */
  async get(scope: Scope, runId: string): Promise<RunRecord> {
    const run = await this.runs.find(scope, runId);
    if (!run || run.state === 'deleted') throw notFound('Run');
    return run;
  }

  async resultsOf(
    scope: Scope,
    runId: string,
    page: { readonly statuses?: readonly ResultStatus[]; readonly limit: number; readonly cursor?: string },
  ): Promise<Page<StoredResult>> {
    return this.results.pageOfRun(scope, await this.get(scope, runId), page);
  }

  async result(scope: Scope, resultId: string): Promise<StoredResult> {
    const [result] = await this.results.findByIds(scope, [resultId]);
    if (!result) throw notFound('Result');
    return result;
  }

  /** Removes a run and its results for good. */
  async delete(principal: Principal, runId: string): Promise<void> {
    const run = await this.get(principal.scope, runId);
    if (!(await this.remover.remove(runId, 'deleted'))) throw notFound('Run');
    const { projectKey, externalId, startedAt, totals } = run;
    const details = { externalId, startedAt, attempts: totals.attempts };
    await this.audit.record(principal, 'run.deleted', { type: 'run', id: runId, projectKey }, details);
  }

  private async check(rows: readonly unknown[], onInvalid: 'fail' | 'skip', now: Date): Promise<CheckedRows> {
    const checked = await checkRows(rows, now.getTime());
    if (checked.rejectedCount === 0 || onInvalid === 'skip') return checked;
    throw new DomainError('invalid', 'invalid_results', 'Some results are not valid; nothing was stored', {
      errors: checked.rejected.slice(0, MOST_ERRORS).map(({ pointer, detail, code }) => ({ pointer, detail, code })),
      extensions: { errorCount: checked.rejectedCount },
    });
  }
}

const MOST_ERRORS = 100;

const withRejected = <T extends BatchOutcome>(outcome: T, { rejected, rejectedCount }: CheckedRows): T =>
  rejectedCount === 0
    ? outcome
    : {
        ...outcome,
        rejected: [...rejected, ...outcome.rejected].sort((a, b) => a.index - b.index),
        rejectedCount: rejectedCount + outcome.rejected.length,
      };

/** The start that was sent, else the earliest of a result, else now. */
const startOf = (metadata: RunInput, rows: readonly BatchRow[], now: Date): Date => {
  if (metadata.startedAt !== undefined) return new Date(metadata.startedAt);
  let earliest = Number.POSITIVE_INFINITY;
  for (const { result } of rows)
    if (result.startedAt !== undefined) earliest = Math.min(earliest, Date.parse(result.startedAt));
  return Number.isFinite(earliest) ? new Date(earliest) : now;
};
