import { RESULT_STATUSES, resultIdOf, type Run, type StoredResult, type StoredTest } from '../../executions/index.js';
import {
  type DayRows,
  type GroupKey,
  ROW_FINAL,
  ROW_FLAKY,
  ROW_HAS_DURATION,
  ROW_RETRIED,
  ROW_STATUS,
} from '../../metrics/index.js';
import type { Cell, ColumnType, ValueColumn } from '../domain/cell.js';

const DAY_MS = 86_400_000;

/** One attempt: its columns of the read model, and what else was looked up for it. */
export class ResultItem {
  constructor(
    private readonly day: DayRows,
    private readonly i: number,
    readonly run: Run,
    readonly test: StoredTest,
    readonly document: StoredResult | undefined,
  ) {}

  get projectKey(): string {
    return this.day.projectKey;
  }

  get at(): Date {
    return new Date(this.day.day * DAY_MS + this.day.rows.at[this.i]!);
  }

  get attempt(): number {
    return this.day.rows.attempt[this.i]!;
  }

  get status(): string {
    return RESULT_STATUSES[this.flags & ROW_STATUS]!;
  }

  get durationMs(): number | null {
    return this.flags & ROW_HAS_DURATION ? this.day.rows.durationUs[this.i]! / 1000 : null;
  }

  get isFinal(): boolean {
    return (this.flags & ROW_FINAL) !== 0;
  }

  get isFlaky(): boolean {
    return (this.flags & ROW_FLAKY) !== 0;
  }

  get isRetried(): boolean {
    return (this.flags & ROW_RETRIED) !== 0;
  }

  get group(): GroupKey {
    return this.day.rows.groups[this.day.rows.group[this.i]!]!;
  }

  get fingerprint(): string {
    return this.day.rows.fingerprints[this.day.rows.fingerprint[this.i]!] ?? '';
  }

  get resultId(): string {
    const { runId, startedAtSeconds } = this.day.rows.runs[this.day.rows.run[this.i]!]!;
    return resultIdOf(startedAtSeconds, runId, this.test.testId, this.attempt).toString('hex');
  }

  private get flags(): number {
    return this.day.rows.flags[this.i]!;
  }
}

/** `error`: of attempts that have one; `document`: of every attempt. Both have to be read, the second for each row. */
export interface ResultColumn extends ValueColumn<ResultItem> {
  readonly needs?: 'error' | 'document';
}

const orNull = (text: string | undefined): string | null => text || null;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (item: ResultItem) => Cell,
  needs?: ResultColumn['needs'],
): ResultColumn => ({ key, title, type, description, value, ...(needs ? { needs } : {}) });

/** Data: a new column is one entry. */
export const RESULT_COLUMNS: readonly ResultColumn[] = [
  column('startedAt', 'Started', 'date', 'When the attempt started', (item) => item.at),
  column('project', 'Project', 'text', 'Key of the project', (item) => item.projectKey),
  column('runId', 'Run', 'text', 'Id of the run', (item) => item.run.runId),
  column('suite', 'Suite', 'text', 'Path of the suite', (item) => orNull(item.test.suite)),
  column('name', 'Test', 'text', 'Name of the test', (item) => item.test.name),
  column('status', 'Status', 'text', `One of ${RESULT_STATUSES.join(', ')}`, (item) => item.status),
  column('attempt', 'Attempt', 'number', 'Which attempt of its test in the run, from 1', (item) => item.attempt),
  column('durationMs', 'Duration (ms)', 'number', 'Milliseconds', (item) => item.durationMs),
  column('branch', 'Branch', 'text', 'Branch of the run', (item) => orNull(item.group.branch)),
  column('environment', 'Environment', 'text', 'Where it ran', (item) => orNull(item.group.environment)),
  column('errorType', 'Error', 'text', 'Type of the error', (i) => orNull(i.document?.error?.type), 'error'),
  column('errorMessage', 'Message', 'text', 'Message of the error', (i) => orNull(i.document?.error?.message), 'error'),
  column('errorStack', 'Stack', 'text', 'Stack of the error', (i) => orNull(i.document?.error?.stack), 'error'),
  column('fingerprint', 'Fingerprint', 'text', 'The same for failures of one cause', (i) => orNull(i.fingerprint)),
  column('resultId', 'Result', 'text', 'Id of the result', (item) => item.resultId),
  column('testId', 'Test id', 'text', 'Id of the test', (item) => item.test.testId),
  column('file', 'File', 'text', 'File of the test', (item) => orNull(item.test.file)),
  column('type', 'Type', 'text', 'Kind of test', (item) => orNull(item.group.type)),
  column('owner', 'Owner', 'text', 'Who owns the test', (item) => orNull(item.group.owner)),
  column('tags', 'Tags', 'list', 'Tags of the result and its run', (item) => item.group.tags),
  column('parameters', 'Parameters', 'text', 'Parameters of the test, as JSON', ({ test: { parameters } }) =>
    parameters && Object.keys(parameters).length > 0 ? JSON.stringify(parameters) : null,
  ),
  column('final', 'Final', 'boolean', 'The last attempt of its test in the run', (item) => item.isFinal),
  column('flaky', 'Flaky in run', 'boolean', 'Passed after a failed attempt of the same run', (item) => item.isFlaky),
  column('retried', 'Retried', 'boolean', 'The outcome of more than one attempt', (item) => item.isRetried),
  column('runName', 'Run name', 'text', 'Name of the run', (item) => orNull(item.run.name)),
  column('externalId', 'External id', 'text', "The client's id of the run", (item) => item.run.externalId),
  column('build', 'Build', 'text', 'Id of the build', (item) => orNull(item.run.build?.id)),
  column('commit', 'Commit', 'text', 'Commit of the run', (item) => orNull(item.run.commit)),
  column('pullRequest', 'Pull request', 'text', 'Pull request of the run', (item) => orNull(item.run.pullRequest)),
  column('kind', 'Kind', 'text', 'What started the run', (item) => item.run.kind),
  column('triggeredBy', 'Triggered by', 'text', 'Who started the run', (item) => orNull(item.run.triggeredBy)),
  column('worker', 'Worker', 'text', 'Thread or machine', (i) => orNull(i.document?.worker), 'document'),
  column('steps', 'Steps', 'number', 'How many steps it has', (i) => i.document?.steps.length ?? 0, 'document'),
];

export const RESULT_DEFAULTS = [
  ...['startedAt', 'project', 'runId', 'suite', 'name', 'status', 'attempt', 'durationMs', 'branch', 'environment'],
  ...['errorType', 'errorMessage'],
];
