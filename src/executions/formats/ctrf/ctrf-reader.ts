import { Slices } from '../../../common/index.js';
import { LIMITS } from '../../domain/limits.js';
import type { ResultInput } from '../../domain/model.js';
import { fileTooLarge } from '../file-errors.js';
import { EXACT_RUN, readExactRun } from '../exact-rows.js';
import type { FormatReader, ParsedFile } from '../format-reader.js';
import { numberAttempts } from '../number-attempts.js';
import { parseFileJson } from '../safe-json.js';
import type { SourceFile } from '../source-file.js';
import { TidyText, Warnings } from '../tidy-text.js';
import { CtrfRun } from './ctrf-run.js';
import { CtrfTests } from './ctrf-test.js';
import { isObject, JsonFields } from './json-fields.js';

const read = async (file: SourceFile): Promise<ParsedFile[]> => {
  const report = JsonFields.of(file.name, '', parseFileJson(file.name, file.text()));
  const tests = report.fields('results');
  if (tests.list('tests') === undefined) throw tests.wrong('tests', 'is missing: a CTRF report lists its tests here');
  const warnings = new Warnings();
  const tidy = new TidyText(warnings);
  const reader = new CtrfTests(tidy, warnings);
  const results: ResultInput[] = [];
  const slices = new Slices();
  for (const test of tests.objects('tests')) {
    // one by one: a call takes only so many arguments
    for (const attempt of reader.attemptsOf(test)) results.push(attempt);
    if (results.length > LIMITS.resultsPerFile)
      throw fileTooLarge(file.name, `it has more than ${LIMITS.resultsPerFile} results`);
    await slices.pause();
  }
  const extra = tests.member('extra');
  const value = isObject(extra) ? extra[EXACT_RUN] : undefined;
  const exact = value === undefined ? {} : await readExactRun(value);
  if (!exact) warnings.add(`extra ${EXACT_RUN} is not valid`);
  const run = { ...new CtrfRun(tidy).runOf(report), ...exact };
  return [{ format: 'ctrf', run, results: numberAttempts(results), warnings: warnings.list() }];
};

/** CTRF (ctrf.io), the reports of 2023 without `reportFormat` included. */
export const ctrfReader: FormatReader = {
  id: 'ctrf',
  detect: (head) => /^\s*\{/.test(head) && /"(?:reportFormat|specVersion|tool|summary|results)"\s*:/.test(head),
  read,
};
