import { csvReader } from './csv/csv-reader.js';
import { ctrfReader } from './ctrf/ctrf-reader.js';
import { unknownFormat } from './file-errors.js';
import type { FormatId, FormatReader, ParsedFile, ReadOptions } from './format-reader.js';
import { junitReader } from './junit/junit-reader.js';
import { ndjsonReader } from './ndjson-reader.js';
import { SourceFile } from './source-file.js';

/** In the order in which they are asked whether a file is theirs. */
export const READERS: readonly FormatReader[] = [junitReader, ctrfReader, ndjsonReader, csvReader];

/**
 * Reads a file whole, gzip or not.
 * @param name as the client sent it: part of messages, and of the run ids of a CSV history
 * @returns its runs: one, but for a CSV history, which has one per cycle
 * @throws DomainError `unknown_format`, `invalid_file` with line and column or pointer, `file_too_large`; nothing else
 */
export const readFile = async (
  name: string,
  bytes: Uint8Array,
  format: FormatId | 'auto' = 'auto',
  options: ReadOptions = {},
): Promise<ParsedFile[]> => readSource(await SourceFile.open(name, bytes), format, options);

/** The same for a file that is unpacked. */
export const readSource = async (
  file: SourceFile,
  format: FormatId | 'auto' = 'auto',
  options: ReadOptions = {},
): Promise<ParsedFile[]> => {
  const { head, name } = file;
  const reader = READERS.find((candidate) =>
    format === 'auto' ? candidate.detect(head, name) : candidate.id === format,
  );
  if (reader === undefined) throw unknownFormat(name);
  return reader.read(file, options);
};
