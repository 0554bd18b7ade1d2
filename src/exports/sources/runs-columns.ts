import type { RunRecord } from '../../executions/index.js';
import { wallTimeOf } from '../../metrics/index.js';
import type { Cell, ColumnType, ValueColumn } from '../domain/cell.js';

type RunColumn = ValueColumn<RunRecord>;

const orNull = (text: string | undefined): string | null => text || null;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (run: RunRecord) => Cell,
): RunColumn => ({ key, title, type, description, value });

const judgedOf = ({ totals: { passed, failed, broken, timeout } }: RunRecord): number =>
  passed + failed + broken + timeout;

export const RUN_COLUMNS: readonly RunColumn[] = [
  column('startedAt', 'Started', 'date', 'When it started', (run) => run.startedAt),
  column('finishedAt', 'Finished', 'date', 'When it ended', (run) => run.finishedAt ?? null),
  column('project', 'Project', 'text', 'Key of the project', (run) => run.projectKey),
  column('runId', 'Run', 'text', 'Id of the run', (run) => run.runId),
  column('name', 'Name', 'text', 'Name of the run', (run) => orNull(run.name)),
  column('status', 'Status', 'text', 'running, finished or aborted', (run) => run.status),
  column('branch', 'Branch', 'text', 'Branch', (run) => orNull(run.branch)),
  column('environment', 'Environment', 'text', 'Where it ran', (run) => orNull(run.environment)),
  column('executions', 'Executions', 'number', 'Outcomes', (run) => run.totals.executions),
  column('passed', 'Passed', 'number', 'Outcomes that passed', (run) => run.totals.passed),
  column('failed', 'Failed', 'number', 'Outcomes that failed an assertion', (run) => run.totals.failed),
  column('broken', 'Broken', 'number', 'Outcomes that threw anything else', (run) => run.totals.broken),
  column('timeout', 'Timed out', 'number', 'Outcomes that took too long', (run) => run.totals.timeout),
  column('skipped', 'Skipped', 'number', 'Outcomes that were skipped', (run) => run.totals.skipped),
  column('cancelled', 'Cancelled', 'number', 'Outcomes that were cancelled', (run) => run.totals.cancelled),
  column('flaky', 'Flaky', 'number', 'Outcomes that passed after a failed attempt', (run) => run.totals.flaky),
  column('attempts', 'Attempts', 'number', 'All attempts', (run) => run.totals.attempts),
  column('passRate', 'Pass rate', 'number', 'passed / what ran, 0..1', (run) =>
    judgedOf(run) > 0 ? run.totals.passed / judgedOf(run) : null,
  ),
  column('durationMs', 'Duration (ms)', 'number', 'From start to finish', (run) => wallTimeOf(run) ?? null),
  column('externalId', 'External id', 'text', "The client's id", (run) => run.externalId),
  column('build', 'Build', 'text', 'Id of the build', (run) => orNull(run.build?.id)),
  column('commit', 'Commit', 'text', 'Commit', (run) => orNull(run.commit)),
  column('pullRequest', 'Pull request', 'text', 'Pull request', (run) => orNull(run.pullRequest)),
  column('kind', 'Kind', 'text', 'ci, manual, batch or scheduled', (run) => run.kind),
  column('triggeredBy', 'Triggered by', 'text', 'Who or what started it', (run) => orNull(run.triggeredBy)),
  column('tags', 'Tags', 'list', 'Tags', (run) => run.tags),
  column('ciUrl', 'CI', 'text', 'Address of the CI job', (run) => orNull(run.ci?.url)),
  column('workers', 'Workers', 'number', 'Tests run in parallel', (run) => run.workers ?? null),
];

export const RUN_DEFAULTS = [
  ...['startedAt', 'project', 'runId', 'name', 'status', 'branch', 'environment', 'executions', 'passed', 'failed'],
  ...['broken', 'timeout', 'skipped', 'flaky', 'passRate', 'durationMs'],
];
