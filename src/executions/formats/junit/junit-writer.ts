import type { ErrorInput, ResultInput, Run } from '../../domain/model.js';
import { EXACT_ATTEMPTS, EXACT_RUN, exactJson, exactRows, type WrittenAttempt } from '../exact-rows.js';
import { TidyText, Warnings } from '../tidy-text.js';
import { toRunInput, type WrittenCounts, type WrittenSuite, type WrittenTest } from '../written-run.js';
import { type CaseFailure, JunitCases } from './junit-case.js';

/** What XML 1.0 does not know, and what our own reader replaces. */
const NOT_XML = /[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

const clean = (text: string): string => text.replace(NOT_XML, '\ufffd');
const attribute = (text: string): string => clean(text).replaceAll(/[&<>"\n\r\t]/g, (c) => ENTITIES[c]!);
const content = (text: string): string => clean(text).replaceAll(/[&<>\r]/g, (c) => ENTITIES[c]!);

const attributes = (members: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(members)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${attribute(String(value))}"`]))
    .join('');

const seconds = (ms: number): string => (ms / 1000).toFixed(6).replace(/\.?0+$/, '');

const countsOf = ({ tests, byStatus, durationMs }: WrittenCounts): Record<string, string | number> => ({
  tests,
  failures: byStatus.failed,
  errors: byStatus.broken + byStatus.timeout,
  skipped: byStatus.skipped + byStatus.cancelled,
  time: seconds(durationMs),
});

const property = (name: string, value: string): string => `<property${attributes({ name, value })}/>`;

const cases = new JunitCases(new TidyText(new Warnings()), new Warnings());

const isFailure = ({ status }: ResultInput): boolean => ['failed', 'broken', 'timeout'].includes(status);

/** An attempt that failed, as the element that surefire writes for it. */
const failureElement = (
  { status, error = {}, durationMs }: ResultInput,
  role: 'first' | 'rerun' | 'flaky',
): { readonly xml: string; readonly asRead: ErrorInput } => {
  const kind = status === 'failed' ? 'Failure' : 'Error';
  const name = role === 'first' ? kind.toLowerCase() : `${role}${kind}`;
  const { type, message, stack = '' } = error;
  const time = role === 'first' || durationMs === undefined ? undefined : seconds(durationMs);
  const text = role === 'first' ? content(stack) : `<stackTrace>${content(stack)}</stackTrace>`;
  const read: CaseFailure = {
    kind: status === 'failed' ? 'failed' : 'broken',
    attributes: { type: type && clean(type), message: message && clean(message) },
    text: clean(stack).replaceAll('\r\n', '\n'),
  };
  return { xml: `<${name}${attributes({ message, type, time })}>${text}</${name}>`, asRead: cases.errorOf(read) };
};

/** One <testcase>: its last attempt is the outcome, those before it are flakes or reruns; exactly, in a property. */
const caseElement = ({ suite, attempts }: WrittenTest): string => {
  const last = attempts.at(-1)!;
  const elements: string[] = [];
  const written = attempts.map((result): WrittenAttempt => {
    if (!isFailure(result)) return { result };
    const role = !isFailure(last) ? 'flaky' : elements.length === 0 ? 'first' : 'rerun';
    const { xml, asRead } = failureElement(result, role);
    elements.push(xml);
    return { result, errorAt: elements.length - 1, asRead };
  });
  if (last.status === 'skipped') elements.push('<skipped/>');
  if (last.status === 'cancelled') elements.push('<skipped message="cancelled"/>');
  const { name, file, durationMs, startedAt } = last;
  const time = durationMs === undefined ? undefined : seconds(durationMs);
  const head = attributes({ name, classname: suite === '' ? undefined : suite, file, time, timestamp: startedAt });
  const exact = property(EXACT_ATTEMPTS, exactJson(exactRows(written)));
  return `<testcase${head}>\n<properties>${exact}</properties>\n${elements.map((each) => `${each}\n`).join('')}</testcase>\n`;
};

const NO_SUITE = '(none)';

/** JUnit XML as surefire writes it (rerunFailure, flakyFailure), piece by piece. */
export class JunitWriter {
  private isFirst = true;

  begin(run: Run, counts: WrittenCounts): string {
    const head = attributes({ name: run.name ?? run.externalId, ...countsOf(counts) });
    const empty =
      counts.tests === 0 ? `<testsuite name="${NO_SUITE}" tests="0">\n${this.runOf(run)}</testsuite>\n` : '';
    return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${head}>\n${empty}`;
  }

  openSuite(run: Run, suite: WrittenSuite): string {
    const { name, startedAt } = suite;
    const head = attributes({ name: name || NO_SUITE, ...countsOf(suite), timestamp: startedAt.toISOString() });
    const properties = this.isFirst ? this.runOf(run) : '';
    this.isFirst = false;
    return `<testsuite${head}>\n${properties}`;
  }

  test(test: WrittenTest): string {
    return caseElement(test);
  }

  closeSuite(): string {
    return '</testsuite>\n';
  }

  end(): string {
    return '</testsuites>\n';
  }

  /** Schemas of JUnit know properties within a suite only, so the run's stand in its first one. */
  private runOf(run: Run): string {
    return `<properties>${property(EXACT_RUN, exactJson(toRunInput(run)))}</properties>\n`;
  }
}
