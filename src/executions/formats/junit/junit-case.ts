import { LIMITS } from '../../domain/limits.js';
import type { ErrorInput, ResultInput, ResultStatus } from '../../domain/model.js';
import { isMapKey } from '../../http/dto/row-decorators.js';
import { EXACT_ATTEMPTS, parseExact, readExactRows } from '../exact-rows.js';
import { failureStatus, parseReportNumber, parseReportTime, toDurationMs } from '../report-values.js';
import type { TidyText, Warnings } from '../tidy-text.js';
import { suitePathOf } from './suite-path.js';

export type Attributes = Readonly<Record<string, string | undefined>>;

/** A <failure>, <error>, <rerunFailure>, ... : one failed attempt. */
export interface CaseFailure {
  readonly kind: 'failed' | 'broken';
  readonly attributes: Attributes;
  text: string;
}

/** What stands in a <testcase>, and around it. */
export interface CaseElement {
  readonly attributes: Attributes;
  readonly suites: readonly string[];
  readonly suiteFile?: string;
  readonly suiteTime?: string;
  readonly failures: CaseFailure[];
  readonly reruns: CaseFailure[];
  readonly properties: [string, string][];
  isSkipped: boolean;
}

const NOT_RUN = new Set(['notrun', 'disabled', 'skipped', 'ignored', 'suppressed']);

const firstLine = (text: string): string => text.trimStart().split('\n', 1)[0] ?? '';

/** Turns <testcase> elements into attempts. */
export class JunitCases {
  constructor(
    private readonly tidy: TidyText,
    private readonly warnings: Warnings,
  ) {}

  /**
   * The attempts of one <testcase>, in order. Surefire: a failed test carries its first failure, then one rerun element
   * per further attempt; a test that passed in the end carries a flaky element per failed attempt before.
   */
  attemptsOf(element: CaseElement): ResultInput[] {
    return this.exactly(element) ?? this.asSurefire(element);
  }

  /** A file of our own says itself what its attempts were. */
  private exactly({ properties, failures, reruns }: CaseElement): ResultInput[] | undefined {
    const value = properties.find(([name]) => name === EXACT_ATTEMPTS)?.[1];
    if (value === undefined) return undefined;
    const errors = [...failures, ...reruns].map((failure) => this.errorOf(failure));
    const results = readExactRows(parseExact(value), errors);
    if (!results) this.warnings.add(`property ${EXACT_ATTEMPTS} is not valid`);
    return results;
  }

  private asSurefire(element: CaseElement): ResultInput[] {
    const base = this.baseOf(element);
    const durationMs = this.durationOf(element.attributes.time);
    const [failure] = element.failures;
    const reruns = element.reruns.map((rerun) => this.failed(base, rerun, this.durationOf(rerun.attributes.time)));
    if (failure) return [this.failed(base, this.worst(element.failures, failure), durationMs), ...reruns];
    const status: ResultStatus = this.isSkipped(element) ? 'skipped' : 'passed';
    return [...reruns, { ...base, status, ...(durationMs !== undefined && { durationMs }) }];
  }

  /** A test that failed and then broke while tidying up is broken. */
  private worst(failures: readonly CaseFailure[], first: CaseFailure): CaseFailure {
    return failures.some(({ kind }) => kind === 'broken') ? { ...first, kind: 'broken' } : first;
  }

  private isSkipped({ isSkipped, attributes: { status = '', result = '' } }: CaseElement): boolean {
    return isSkipped || NOT_RUN.has(status.toLowerCase()) || NOT_RUN.has(result.toLowerCase());
  }

  private baseOf(element: CaseElement): Omit<ResultInput, 'status'> {
    const { attributes, suites, suiteFile, suiteTime, properties } = element;
    const given = this.tidy.identity(attributes.name, LIMITS.name, 'name');
    if (given === undefined) this.warnings.add('test without a name');
    const name = given ?? this.tidy.identity(attributes.classname, LIMITS.name, 'name') ?? '(unnamed)';
    const suite = this.tidy.identity(suitePathOf(suites, attributes.classname, name), LIMITS.suite, 'suite');
    const file = this.tidy.text(attributes.file ?? suiteFile, LIMITS.file, 'file');
    const startedAt = this.timeOf(attributes.timestamp) ?? suiteTime;
    return {
      name,
      ...(suite !== undefined && { suite }),
      ...(file !== undefined && { file }),
      ...this.labelsOf(properties),
      ...(startedAt !== undefined && { startedAt }),
    };
  }

  /** Properties of a test that have a meaning here; any other could differ from run to run and is left out. */
  private labelsOf(properties: readonly (readonly [string, string])[]): Partial<ResultInput> {
    const parameters = new Map<string, string>();
    const tags = new Set<string>();
    let owner: string | undefined;
    for (const [name, value] of properties) {
      const parameter = /^(?:parameter|param)[.:](.+)$|^(browser|device)$/i.exec(name);
      const key = parameter?.[1] ?? parameter?.[2];
      if (key !== undefined && isMapKey(key) && parameters.size < LIMITS.parameters)
        parameters.set(key, this.tidy.text(value, LIMITS.mapValue, 'parameter') ?? '');
      else if (/^(?:owner|author)$/i.test(name)) owner ??= this.tidy.text(value, LIMITS.label, 'owner');
      else if (/^(?:tags?|category)$/i.test(name))
        for (const part of value.split(',')) this.addTag(tags, this.tidy.text(part, LIMITS.label, 'tag'));
    }
    return {
      ...(tags.size > 0 && { tags: [...tags] }),
      ...(owner !== undefined && { owner }),
      ...(parameters.size > 0 && { parameters: Object.fromEntries(parameters) }),
    };
  }

  private addTag(tags: Set<string>, tag: string | undefined): void {
    if (tag === undefined) return;
    if (tags.size < LIMITS.tags) tags.add(tag);
    else this.warnings.add(`more than ${LIMITS.tags} tags`);
  }

  private failed(base: Omit<ResultInput, 'status'>, failure: CaseFailure, durationMs: number | undefined): ResultInput {
    const error = this.errorOf(failure);
    return {
      ...base,
      status: failureStatus(failure.kind, error),
      ...(durationMs !== undefined && { durationMs }),
      ...(Object.keys(error).length > 0 && { error }),
    };
  }

  /** What a failure says, within the limits. */
  errorOf({ attributes, text }: CaseFailure): ErrorInput {
    const type = this.tidy.text(attributes.type, LIMITS.errorType, 'type of an error');
    const stack = this.tidy.stack(text);
    const message = this.tidy.text(attributes.message ?? firstLine(text), LIMITS.message, 'message');
    return {
      ...(type !== undefined && { type }),
      ...(message !== undefined && { message }),
      ...(stack !== undefined && { stack }),
    };
  }

  private durationOf(seconds: string | undefined): number | undefined {
    if (seconds === undefined || seconds.trim() === '') return undefined;
    const durationMs = toDurationMs(parseReportNumber(seconds), 1_000);
    if (durationMs === undefined)
      this.warnings.add(`time="${seconds.slice(0, 40).toWellFormed()}" is not a clear duration`);
    return durationMs;
  }

  /** Of a timestamp attribute: undefined, with a warning, for what is not a time. */
  timeOf(timestamp: string | undefined): string | undefined {
    if (timestamp === undefined || timestamp.trim() === '') return undefined;
    const time = parseReportTime(timestamp);
    if (time === undefined) this.warnings.add(`timestamp="${timestamp.slice(0, 40).toWellFormed()}" is not a time`);
    return time;
  }
}
