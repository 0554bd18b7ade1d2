import { filesHash } from '../domain/run-key.js';
import type { ResultInput, RunInput } from '../domain/model.js';
import type { ParsedFile } from '../formats/format-reader.js';
import { mergeRuns, type RunToImport } from '../runs-of-files.js';

/** One run to be sent. */
export interface PlannedRun {
  readonly run: Omit<RunInput, 'project'>;
  readonly results: readonly ResultInput[];
  /** Names the run where it has no externalId: the same files give the same one. */
  readonly idempotencyKey: string;
}

export interface ReadReport {
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  readonly parsed: readonly ParsedFile[];
}

const planOf = ({ metadata, groups, files }: RunToImport, reports: readonly ReadReport[]): PlannedRun => ({
  run: metadata,
  results: groups.flatMap((rows) => rows.map(({ result }) => result)),
  idempotencyKey: `import:${filesHash(files.map((index) => reports[index]!.sha256))}`,
});

/**
 * The runs that the files of one call make, by the rule of POST /runs/import: files of one run each are one run together, as a
 * build tool writes a report per class; a history keeps one per cycle.
 * @param fields from the command line; they win over what a file says
 * @param isSeparate each file is a run of its own
 */
export const planRuns = (
  reports: readonly ReadReport[],
  fields: Partial<RunInput> = {},
  isSeparate = false,
): PlannedRun[] => {
  const sets = isSeparate ? reports.map((report) => [report]) : [reports];
  return sets.flatMap((set) => mergeRuns(set, fields).map((run) => planOf(run, set)));
};

const BATCH_ROWS = 20_000;
const BATCH_CHARACTERS = 12 * 1024 * 1024;

/** The rows as JSON, in batches that the service takes as one document; one empty batch for no rows. */
export function* batchesOf(
  results: readonly ResultInput[],
): Generator<{ readonly rows: number; readonly json: string }> {
  let rows: string[] = [];
  let size = 0;
  let sent = false;
  for (const result of results) {
    const json = JSON.stringify(result);
    if (rows.length > 0 && (rows.length >= BATCH_ROWS || size + json.length > BATCH_CHARACTERS)) {
      yield { rows: rows.length, json: `[${rows.join(',')}]` };
      sent = true;
      rows = [];
      size = 0;
    }
    rows.push(json);
    size += json.length;
  }
  if (rows.length > 0 || !sent) yield { rows: rows.length, json: `[${rows.join(',')}]` };
}
