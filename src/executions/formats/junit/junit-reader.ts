import { SaxesParser } from 'saxes';
import { Slices } from '../../../common/index.js';
import { LIMITS } from '../../domain/limits.js';
import { fileTooLarge, invalidFile } from '../file-errors.js';
import { EXACT_RUN, parseExact, readExactRun } from '../exact-rows.js';
import type { FormatReader, ParsedFile } from '../format-reader.js';
import { numberAttempts } from '../number-attempts.js';
import type { SourceFile } from '../source-file.js';
import { JunitDocument } from './junit-document.js';

const DEEPEST = 100;
const MOST_ATTRIBUTES = 500;
const ROOTS = new Set(['testsuites', 'testsuite']);
/** Control characters are not XML, but test output is full of them (colours): they are no reason to lose a run. NUL is. */
const CONTROL = /[^\P{Cc}\0\t\n\r]/gu;

/** A strict parser without DTD: what XML knows beyond elements, text and its five entities is refused. */
const createParser = (fileName: string, document: JunitDocument): SaxesParser => {
  const parser = new SaxesParser({ xmlns: false, position: true });
  const fail = (detail: string): never => {
    throw invalidFile(fileName, detail, { line: parser.line, column: parser.column });
  };
  let attributes = 0;
  parser.on('error', ({ message }) => fail(message.replace(/^\d+:\d+: /, '')));
  parser.on('doctype', () => fail('a DTD is not allowed'));
  parser.on('opentagstart', ({ name }) => {
    attributes = 0;
    if (document.depth === 0 && !ROOTS.has(name))
      fail(`not a JUnit report: the root element is <${name.slice(0, 50)}>`);
    if (document.depth >= DEEPEST) fail(`elements may be nested ${DEEPEST} levels deep at most`);
  });
  parser.on('attribute', () => {
    attributes += 1;
    if (attributes > MOST_ATTRIBUTES) fail(`an element may have ${MOST_ATTRIBUTES} attributes at most`);
  });
  parser.on('opentag', (tag) => document.open(tag.name, tag.attributes));
  parser.on('closetag', () => {
    document.close();
    if (document.results.length > LIMITS.resultsPerFile)
      throw fileTooLarge(fileName, `it has more than ${LIMITS.resultsPerFile} results`);
  });
  parser.on('text', (text) => document.text(text));
  parser.on('cdata', (text) => document.text(text));
  return parser;
};

const read = async (file: SourceFile): Promise<ParsedFile[]> => {
  const document = new JunitDocument();
  const parser = createParser(file.name, document);
  const slices = new Slices();
  let isFirst = true;
  for (const slice of file.slices()) {
    // tools that indent their templates write space before the declaration, which XML forbids
    const text: string = isFirst ? slice.replace(/^\s+(?=<\?xml)/, '') : slice;
    isFirst &&= text === '';
    const clean = text.replace(CONTROL, '\ufffd');
    if (clean !== text) document.warnings.add('control characters were replaced');
    parser.write(clean);
    await slices.pause();
  }
  parser.close();
  const exact = document.exactRun === undefined ? {} : await readExactRun(parseExact(document.exactRun));
  if (!exact) document.warnings.add(`property ${EXACT_RUN} is not valid`);
  return [
    {
      format: 'junit',
      run: { ...document.run(), ...exact },
      results: numberAttempts(document.results),
      warnings: document.warnings.list(),
    },
  ];
};

/** JUnit XML as surefire, failsafe, pytest, jest-junit, mocha, Gradle, go-junit-report, PHPUnit and Playwright write it. */
export const junitReader: FormatReader = {
  id: 'junit',
  detect: (head) => /^\s*</.test(head),
  read,
};
