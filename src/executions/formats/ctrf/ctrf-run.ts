import { LIMITS } from '../../domain/limits.js';
import type { RunInput } from '../../domain/model.js';
import { isMapKey } from '../../http/dto/row-decorators.js';
import { defined } from '../defined.js';
import type { TidyText } from '../tidy-text.js';
import { epochTime } from './ctrf-test.js';
import type { JsonFields } from './json-fields.js';

const ATTRIBUTES = ['appName', 'appVersion', 'osPlatform', 'osRelease', 'osVersion', 'repositoryName', 'repositoryUrl'];

/** What a CTRF report says of its run. A `runId` is shared by the shards of a run, so it becomes the externalId. */
export class CtrfRun {
  constructor(private readonly tidy: TidyText) {}

  runOf(report: JsonFields): Partial<RunInput> {
    const results = report.fields('results');
    const environment = results.fields('environment');
    const label = (text: string | undefined, what: string): string | undefined =>
      this.tidy.text(text, LIMITS.label, what);
    const buildId = label(this.buildOf(environment), 'buildId');
    const url = this.tidy.text(environment.string('buildUrl'), 2_000, 'buildUrl');
    const job = label(environment.string('buildName'), 'buildName');
    const attributes = this.attributesOf(results, environment);
    return defined<Partial<RunInput>>({
      externalId: label(report.string('runId'), 'runId'),
      name: this.tidy.text(environment.string('reportName'), LIMITS.name, 'reportName'),
      branch: label(environment.string('branchName'), 'branchName'),
      commit: label(environment.string('commit'), 'commit'),
      environment: label(environment.string('testEnvironment'), 'testEnvironment'),
      build: buildId === undefined ? undefined : { id: buildId },
      ci: url === undefined && job === undefined ? undefined : { ...(url && { url }), ...(job && { job }) },
      attributes,
      ...this.timesOf(results.fields('summary')),
    });
  }

  /** An id of its own, else name and number: a bare number would join the builds of two pipelines. */
  private buildOf(environment: JsonFields): string | undefined {
    const id = environment.label('buildId');
    const name = environment.string('buildName');
    const number = environment.label('buildNumber');
    if (id !== undefined || number === undefined) return id;
    return name === undefined ? number : `${name} #${number}`;
  }

  private timesOf(summary: JsonFields): Partial<RunInput> {
    const startedAt = epochTime(summary.number('start'));
    const stop = epochTime(summary.number('stop'));
    const finishedAt = startedAt !== undefined && stop !== undefined && stop >= startedAt ? stop : undefined;
    return { startedAt, finishedAt };
  }

  private attributesOf(results: JsonFields, environment: JsonFields): Record<string, string> | undefined {
    const tool = results.fields('tool');
    const given: [string, unknown][] = [
      ['tool', tool.string('name')],
      ['toolVersion', tool.label('version')],
      ...ATTRIBUTES.map((name): [string, unknown] => [name, environment.label(name)]),
      ...environment.fields('extra').entries(),
    ];
    const attributes = new Map<string, string>();
    for (const [key, value] of given) {
      const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
      const kept = typeof text === 'string' ? this.tidy.text(text, LIMITS.mapValue, 'attribute') : undefined;
      if (kept !== undefined && isMapKey(key) && attributes.size < LIMITS.parameters && !attributes.has(key))
        attributes.set(key, kept);
    }
    return attributes.size === 0 ? undefined : Object.fromEntries(attributes);
  }
}
