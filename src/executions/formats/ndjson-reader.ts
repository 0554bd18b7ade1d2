import { DomainError, type FieldProblem, Slices } from '../../common/index.js';
import { LIMITS } from '../domain/limits.js';
import type { ResultInput } from '../domain/model.js';
import { fileTooLarge } from './file-errors.js';
import type { FormatReader, ParsedFile, ReadOptions } from './format-reader.js';
import { ndjsonRows } from './ndjson-lines.js';
import { numberAttempts } from './number-attempts.js';
import { validateRow } from './row-validator.js';
import type { SourceFile } from './source-file.js';

const MOST_ERRORS = 50;
const CHUNK = 64 * 1024;

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

/** A file is atomic, so unlike a stream of rows it is turned down as a whole, with its first wrong lines. */
const read = async (file: SourceFile, { now = Date.now() }: ReadOptions): Promise<ParsedFile[]> => {
  const results: ResultInput[] = [];
  const errors: FieldProblem[] = [];
  const slices = new Slices();
  for await (const rows of ndjsonRows(chunksOf(file.bytes))) {
    for (const row of rows) {
      const verdict = row.problem
        ? { ok: false as const, problems: [row.problem] }
        : validateRow(row.value, row.index, now);
      if (verdict.ok) results.push(verdict.value);
      else
        errors.push(...verdict.problems.map((problem) => ({ ...problem, pointer: `/${row.index}${problem.pointer}` })));
    }
    if (errors.length >= MOST_ERRORS) break;
    if (results.length > LIMITS.resultsPerFile)
      throw fileTooLarge(file.name, `it has more than ${LIMITS.resultsPerFile} results`);
    await slices.pause();
  }
  if (errors.length > 0)
    throw new DomainError('invalid', 'invalid_file', `${file.name}: some rows are not valid`, {
      errors: errors.slice(0, MOST_ERRORS),
      extensions: { file: file.name },
    });
  return [{ format: 'ndjson', run: {}, results: numberAttempts(results), warnings: [] }];
};

/** Rows as POST /runs/{runId}/results takes them, one per line. */
export const ndjsonReader: FormatReader = {
  id: 'ndjson',
  detect: (head, fileName) =>
    /\.(?:ndjson|jsonl)(?:\.gz)?$/i.test(fileName) || /^\s*\{[^\n]*"(?:name|status)"\s*:[^\n]*\}\r?\n\s*\{/.test(head),
  read,
};
