import type { ResultInput, RunInput } from '../domain/model.js';
import type { SourceFile } from './source-file.js';

/** One run as a file tells of it. The results pass the row validator, but for the range of startedAt. */
export interface ParsedFile {
  readonly format: FormatId;
  /** What the file says of the run; never the project. */
  readonly run: Partial<RunInput>;
  /** Attempts in the order of the file, each with its number. */
  readonly results: readonly ResultInput[];
  /** What was cut or could not be understood, 20 at most. */
  readonly warnings: readonly string[];
}

export const FORMAT_IDS = ['junit', 'ctrf', 'csv', 'ndjson'] as const;
export type FormatId = (typeof FORMAT_IDS)[number];

export interface ReadOptions {
  /** Unit of a CSV file's Duration; auto: seconds when any value of the file has a fraction, else ms. */
  readonly durationUnit?: 'auto' | 'ms' | 's';
  /** Epoch ms; rows of an NDJSON file may start 24 hours after it. */
  readonly now?: number;
}

export interface FormatReader {
  readonly id: FormatId;
  /** @param head the first 4,096 characters of the file, without a byte order mark */
  detect(head: string, fileName: string): boolean;
  /**
   * @returns the runs of the file; a file that is right and holds no tests is a run without results
   * @throws DomainError `invalid_file` with the place, `too_large`
   */
  read(file: SourceFile, options: ReadOptions): Promise<ParsedFile[]>;
}
