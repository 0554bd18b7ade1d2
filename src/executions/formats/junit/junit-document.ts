import { LIMITS } from '../../domain/limits.js';
import type { ResultInput, RunInput } from '../../domain/model.js';
import { EXACT_RUN } from '../exact-rows.js';
import { TidyText, Warnings } from '../tidy-text.js';
import { type Attributes, type CaseElement, type CaseFailure, JunitCases } from './junit-case.js';
import { RunProperties } from './run-properties.js';
import { saysNothing } from './suite-path.js';

interface SuiteFrame {
  readonly name: string;
  readonly file?: string;
  readonly time?: string;
}

const FAILURES: Readonly<Record<string, { readonly kind: CaseFailure['kind']; readonly isRerun: boolean }>> = {
  failure: { kind: 'failed', isRerun: false },
  error: { kind: 'broken', isRerun: false },
  rerunFailure: { kind: 'failed', isRerun: true },
  rerunError: { kind: 'broken', isRerun: true },
  flakyFailure: { kind: 'failed', isRerun: true },
  flakyError: { kind: 'broken', isRerun: true },
};

/** Text beyond this is dropped as it comes; the stack is cut at its limit later, with a note. */
const KEPT_TEXT = LIMITS.stack + 1_024;

/** Collects attempts while the elements of a JUnit document go by. Output of tests (system-out) is passed over. */
export class JunitDocument {
  readonly warnings = new Warnings();
  readonly results: ResultInput[] = [];
  private readonly tidy = new TidyText(this.warnings);
  private readonly cases = new JunitCases(this.tidy, this.warnings);
  private readonly properties = new RunProperties(this.tidy);
  private readonly path: string[] = [];
  private readonly suites: SuiteFrame[] = [];
  private test: CaseElement | undefined;
  private failure: CaseFailure | undefined;
  private property: [string, string] | undefined;
  private name: string | undefined;
  private earliest: string | undefined;
  /** What a file of our own says of its run: JSON, not looked at yet. */
  exactRun: string | undefined;

  get depth(): number {
    return this.path.length;
  }

  open(element: string, attributes: Attributes): void {
    this.path.push(element);
    if (element === 'testsuites') this.name = attributes.name;
    else if (element === 'testsuite') this.openSuite(attributes);
    else if (element === 'testcase') this.openCase(attributes);
    else if (element === 'property') this.property = [attributes.name ?? '', attributes.value ?? ''];
    else if (this.test) this.openInCase(element, attributes, this.test);
  }

  text(text: string): void {
    const parent = this.path.at(-1);
    if (this.property && parent === 'property') this.property[1] = (this.property[1] + text).slice(0, KEPT_TEXT);
    // the stack of a rerun stands in an element of its own; what else is within a failure is output
    const isStack = parent === 'stackTrace' || (parent !== undefined && Object.hasOwn(FAILURES, parent));
    if (this.failure && isStack && this.failure.text.length < KEPT_TEXT)
      this.failure.text += text.slice(0, KEPT_TEXT - this.failure.text.length);
  }

  close(): void {
    const element = this.path.pop();
    if (element === undefined) return;
    if (element === 'testsuite') this.suites.pop();
    else if (element === 'testcase') this.closeCase();
    else if (element === 'property') this.closeProperty();
    else if (Object.hasOwn(FAILURES, element)) this.failure = undefined;
  }

  run(): Partial<RunInput> {
    const attributes = this.properties.attributes();
    const name = this.tidy.text(this.name, LIMITS.name, 'name of the run');
    return {
      ...(name !== undefined && !saysNothing(name) && { name }),
      ...(attributes && { attributes }),
      ...(this.earliest !== undefined && { startedAt: this.earliest }),
    };
  }

  private openSuite({ name = '', file, filepath, timestamp }: Attributes): void {
    const outer = this.suites.at(-1);
    this.suites.push({
      name,
      file: file ?? filepath ?? outer?.file,
      time: this.cases.timeOf(timestamp) ?? outer?.time,
    });
  }

  private openCase(attributes: Attributes): void {
    const suite = this.suites.at(-1);
    this.test = {
      attributes,
      suites: this.suites.map(({ name }) => name),
      suiteFile: suite?.file,
      suiteTime: suite?.time,
      failures: [],
      reruns: [],
      properties: [],
      isSkipped: false,
    };
  }

  private openInCase(element: string, attributes: Attributes, test: CaseElement): void {
    if (element === 'skipped' || element === 'disabled') test.isSkipped = true;
    const meaning = Object.hasOwn(FAILURES, element) ? FAILURES[element] : undefined;
    if (meaning === undefined) return;
    this.failure = { kind: meaning.kind, attributes, text: '' };
    (meaning.isRerun ? test.reruns : test.failures).push(this.failure);
  }

  private closeProperty(): void {
    if (this.property) {
      if (this.test) this.test.properties.push(this.property);
      else if (this.property[0] === EXACT_RUN) this.exactRun ??= this.property[1];
      else this.properties.add(...this.property);
    }
    this.property = undefined;
  }

  private closeCase(): void {
    if (this.test === undefined) return;
    for (const result of this.cases.attemptsOf(this.test)) {
      this.results.push(result);
      const { startedAt } = result;
      if (startedAt !== undefined && (this.earliest === undefined || startedAt < this.earliest))
        this.earliest = startedAt;
    }
    this.test = undefined;
    this.failure = undefined;
  }
}
