import type { ErrorInput, ResultInput, ResultStatus, Run } from '../../domain/model.js';
import { EXACT_ATTEMPTS, EXACT_RUN, exactRows, type WrittenAttempt } from '../exact-rows.js';
import { TidyText, Warnings } from '../tidy-text.js';
import { toRunInput, type WrittenCounts, type WrittenTest } from '../written-run.js';
import { CtrfTests } from './ctrf-test.js';
import { JsonFields } from './json-fields.js';

const STATUSES: Readonly<Record<ResultStatus, string>> = {
  passed: 'passed',
  failed: 'failed',
  broken: 'failed',
  timeout: 'failed',
  skipped: 'skipped',
  cancelled: 'other',
};

const reader = new CtrfTests(new TidyText(new Warnings()), new Warnings());

const attemptMembers = ({ status, startedAt, durationMs, error, steps }: ResultInput): Record<string, unknown> => {
  const start = startedAt === undefined ? undefined : Date.parse(startedAt);
  return {
    status: STATUSES[status],
    rawStatus: status,
    duration: durationMs ?? 0,
    ...(start === undefined ? {} : { start, stop: start + Math.round(durationMs ?? 0) }),
    ...(error?.message === undefined ? {} : { message: error.message }),
    ...(error?.stack === undefined ? {} : { trace: error.stack }),
    ...(steps?.length ? { steps: steps.map(({ name, status: each }) => ({ name, status: STATUSES[each] })) } : {}),
  };
};

const isFailure = ({ status }: ResultInput): boolean => ['failed', 'broken', 'timeout'].includes(status);

const asRead = (members: Readonly<Record<string, unknown>>): ErrorInput =>
  reader.errorOf(JsonFields.of('', '', members));

const testObject = ({ suite, attempts }: WrittenTest): object => {
  const last = attempts.at(-1)!;
  const { name, file, type, tags, owner, parameters, worker } = last;
  const members = attempts.map(attemptMembers);
  const written = attempts.map((result, errorAt): WrittenAttempt => ({
    result,
    errorAt,
    asRead: asRead(members[errorAt]!),
  }));
  const before = members.slice(0, -1);
  return {
    name,
    ...members.at(-1),
    ...(suite === '' ? {} : { suite: suite.split('/') }),
    ...(file === undefined ? {} : { filePath: file }),
    ...(type === undefined ? {} : { type }),
    ...(tags?.length ? { tags } : {}),
    ...(parameters ? { parameters } : {}),
    ...(worker === undefined ? {} : { threadId: worker }),
    ...(owner === undefined ? {} : { labels: { owner } }),
    retries: before.length,
    flaky: last.status === 'passed' && attempts.some(isFailure),
    ...(before.length > 0 ? { retryAttempts: before.map((each, i) => ({ attempt: i + 1, ...each })) } : {}),
    extra: { [EXACT_ATTEMPTS]: exactRows(written) },
  };
};

const environmentOf = (run: Run): object => {
  const { name, branch, commit, environment, build, ci } = run;
  const members = {
    reportName: name,
    branchName: branch,
    commit,
    testEnvironment: environment,
    buildId: build?.id,
    buildUrl: ci?.url,
    buildName: ci?.job,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
};

/** CTRF (ctrf.io), piece by piece. */
export class CtrfWriter {
  private separator = '\n';

  begin(run: Run, { tests, byStatus, flaky, durationMs }: WrittenCounts, version: string): string {
    const start = run.startedAt.getTime();
    const summary = {
      ...{ tests, passed: byStatus.passed, failed: byStatus.failed + byStatus.broken + byStatus.timeout },
      ...{ pending: 0, skipped: byStatus.skipped, other: byStatus.cancelled, flaky },
      ...{ start, stop: run.finishedAt?.getTime() ?? start + Math.round(durationMs) },
    };
    const head = {
      ...{ reportFormat: 'CTRF', specVersion: '0.0.0', runId: run.externalId, generatedBy: 'execution-reporting' },
    };
    const results = {
      tool: { name: 'execution-reporting', version },
      summary,
      environment: environmentOf(run),
      extra: { [EXACT_RUN]: toRunInput(run) },
    };
    return `${JSON.stringify(head).slice(0, -1)},"results":${JSON.stringify(results).slice(0, -1)},"tests":[`;
  }

  test(test: WrittenTest): string {
    const text = this.separator + JSON.stringify(testObject(test));
    this.separator = ',\n';
    return text;
  }

  end(): string {
    return '\n]}}\n';
  }
}
