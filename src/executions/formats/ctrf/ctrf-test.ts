import { LIMITS } from '../../domain/limits.js';
import type { ErrorInput, ResultInput, ResultStatus, StepInput } from '../../domain/model.js';
import { isMapKey } from '../../http/dto/row-decorators.js';
import { toDurationMs } from '../report-values.js';
import { defined } from '../defined.js';
import { EXACT_ATTEMPTS, readExactRows } from '../exact-rows.js';
import type { TidyText, Warnings } from '../tidy-text.js';
import { CTRF_STATUSES, resultStatusOf } from './ctrf-status.js';
import { isObject, type JsonFields } from './json-fields.js';

/** More attempts than this are a mistake of the reporter. */
const MOST_ATTEMPTS = 100;
/** Epoch figures below are seconds: as milliseconds they would lie before 1973. */
const SMALLEST_MS = 1e11;

/** ISO 8601 of a figure that is epoch milliseconds, or seconds as older reporters write; 0 is "not known". */
export const epochTime = (value: number | undefined): string | undefined => {
  if (value === undefined || value <= 0) return undefined;
  const ms = Math.floor(value < SMALLEST_MS ? value * 1_000 : value);
  return ms > 8.64e15 ? undefined : new Date(ms).toISOString();
};

/** Turns the tests of a CTRF report into attempts. */
export class CtrfTests {
  constructor(
    private readonly tidy: TidyText,
    private readonly warnings: Warnings,
  ) {}

  /**
   * The attempts of one test, in order. Reporters either list the attempts before the last one, or all of them, the test
   * itself included: the last listed is the test when there are as many as retries + 1, or when nothing tells them apart.
   */
  attemptsOf(test: JsonFields): ResultInput[] {
    return this.exactly(test) ?? this.asListed(test);
  }

  /** A file of our own says itself what its attempts were. */
  private exactly(test: JsonFields): ResultInput[] | undefined {
    const extra = test.member('extra');
    const value = isObject(extra) ? extra[EXACT_ATTEMPTS] : undefined;
    if (value === undefined) return undefined;
    const errors = [...test.objects('retryAttempts'), test].map((attempt) => this.errorOf(attempt));
    const results = readExactRows(value, errors);
    if (!results) this.warnings.add(`extra ${EXACT_ATTEMPTS} is not valid`);
    return results;
  }

  private asListed(test: JsonFields): ResultInput[] {
    const base = this.baseOf(test);
    const final = this.attempt(base, test);
    const listed = test.objects('retryAttempts').slice(0, MOST_ATTEMPTS);
    if (listed.length === 0) return [...this.unlisted(base, test, final.status), final];
    const attempts = listed
      .map((item, i) => ({ number: item.number('attempt') ?? i + 1, result: this.attempt(base, item) }))
      .sort((a, b) => a.number - b.number)
      .map(({ result }) => result);
    return this.isFinalListed(test, attempts, final) ? [...attempts.slice(0, -1), final] : [...attempts, final];
  }

  private isFinalListed(test: JsonFields, attempts: readonly ResultInput[], final: ResultInput): boolean {
    const retries = test.number('retries');
    if (retries !== undefined) return attempts.length > retries;
    const last = attempts.at(-1);
    return last?.status === final.status && (last.durationMs === undefined || last.durationMs === final.durationMs);
  }

  /** A test that was retried and says no more: each attempt before the last one failed, or it had not been retried. */
  private unlisted(base: Omit<ResultInput, 'status'>, test: JsonFields, status: ResultStatus): ResultInput[] {
    const retries = test.number('retries') ?? 0;
    if (retries < 1 || status === 'skipped' || test.boolean('flaky') === false) return [];
    if (retries > MOST_ATTEMPTS) this.warnings.add(`more than ${MOST_ATTEMPTS} retries`);
    return Array.from({ length: Math.min(Math.floor(retries), MOST_ATTEMPTS) }, () => ({
      ...base,
      status: 'failed' as const,
    }));
  }

  private attempt(base: Omit<ResultInput, 'status'>, fields: JsonFields): ResultInput {
    const error = this.errorOf(fields);
    const status = this.statusOf(fields, error.message);
    const start = fields.number('start');
    const stop = fields.number('stop');
    const tookMs = start !== undefined && stop !== undefined && start > 0 ? stop - start : undefined;
    const durationMs = toDurationMs(fields.number('duration') ?? tookMs, 1);
    const startedAt = epochTime(start);
    const steps = this.stepsOf(fields);
    return {
      ...base,
      status,
      ...(startedAt !== undefined && { startedAt }),
      ...(durationMs !== undefined && { durationMs }),
      ...(status !== 'passed' && status !== 'skipped' && Object.keys(error).length > 0 && { error }),
      ...(steps.length > 0 && { steps }),
    };
  }

  private statusOf(fields: JsonFields, message: string | undefined): ResultStatus {
    const status = resultStatusOf(fields.string('status'), fields.string('rawStatus'), message);
    if (status === undefined) throw fields.wrong('status', `must be one of: ${CTRF_STATUSES.join(', ')}`);
    return status;
  }

  /** Message and trace, within the limits. */
  errorOf(fields: JsonFields): ErrorInput {
    const message = this.tidy.text(fields.string('message'), LIMITS.message, 'message');
    const stack = this.tidy.stack(fields.string('trace'));
    return { ...(message !== undefined && { message }), ...(stack !== undefined && { stack }) };
  }

  private baseOf(test: JsonFields): Omit<ResultInput, 'status'> {
    const name = this.tidy.identity(test.string('name'), LIMITS.name, 'name');
    if (name === undefined) throw test.wrong('name', 'must be a text that is not blank');
    const texts = defined({
      suite: this.tidy.identity(this.suiteOf(test), LIMITS.suite, 'suite'),
      file: this.tidy.text(test.string('filePath'), LIMITS.file, 'filePath'),
      type: this.tidy.text(test.string('type'), LIMITS.type, 'type'),
      owner: this.tidy.text(test.fields('labels').label('owner'), LIMITS.label, 'owner'),
      worker: this.tidy.text(test.label('threadId'), LIMITS.label, 'threadId'),
    });
    const tags = this.tagsOf(test);
    const parameters = this.parametersOf(test);
    return { name, ...texts, ...(tags.length > 0 && { tags }), ...(parameters && { parameters }) };
  }

  /** A list from the outermost suite on; older reporters write `outer > inner`. */
  private suiteOf(test: JsonFields): string | undefined {
    const suite = test.member('suite');
    const parts = typeof suite === 'string' ? suite.split(/ > | › /) : test.strings('suite');
    return parts
      .map((part) => part.trim())
      .filter(Boolean)
      .join('/');
  }

  private tagsOf(test: JsonFields): string[] {
    const tags = test.strings('tags').map((tag) => this.tidy.text(tag, LIMITS.label, 'tag'));
    const distinct = [...new Set(tags)].filter((tag) => tag !== undefined);
    if (distinct.length > LIMITS.tags) this.warnings.add(`more than ${LIMITS.tags} tags`);
    return distinct.slice(0, LIMITS.tags);
  }

  private parametersOf(test: JsonFields): Record<string, string> | undefined {
    const parameters = new Map<string, string>();
    const add = (key: string, value: unknown): void => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      if (isMapKey(key) && parameters.size < LIMITS.parameters)
        parameters.set(key, this.tidy.text(text, LIMITS.mapValue, 'parameter') ?? '');
      else this.warnings.add(`parameter left out: ${key.slice(0, 40).toWellFormed()}`);
    };
    for (const name of ['browser', 'device']) {
      const value = test.string(name);
      if (value) add(name, value);
    }
    for (const [key, value] of test.fields('parameters').entries()) add(key, value);
    return parameters.size === 0 ? undefined : Object.fromEntries(parameters);
  }

  private stepsOf(fields: JsonFields): StepInput[] {
    const steps = fields.objects('steps');
    if (steps.length > LIMITS.steps) this.warnings.add(`more than ${LIMITS.steps} steps`);
    return steps.slice(0, LIMITS.steps).map((step) => {
      const name = this.tidy.text(step.string('name'), LIMITS.name, 'name of a step') ?? '(unnamed)';
      const durationMs = toDurationMs(step.number('duration'), 1);
      return { name, status: this.statusOf(step, undefined), ...(durationMs !== undefined && { durationMs }) };
    });
  }
}
