import { canonicalJson } from '../domain/canonical-json.js';
import { omit } from '../domain/omit.js';
import type { ErrorInput, ResultInput, RunInput } from '../domain/model.js';
import { parseRunMetadata } from '../http/dto/parse-body.js';
import { validateRow } from './row-validator.js';

/**
 * What our own JUnit and CTRF files carry beside what those formats can say, so that they are read back without loss:
 * statuses, times and the order of attempts. Other tools pass it over.
 */
export const EXACT_ATTEMPTS = 'execution-reporting.attempts';
export const EXACT_RUN = 'execution-reporting.run';

const ERROR_MEMBERS = ['type', 'message', 'stack'] as const satisfies readonly (keyof ErrorInput)[];

/** `errorAt`: the error stands in the file itself, at this place; `error` then holds only what differs from it. */
type ExactRow = Omit<ResultInput, 'error'> & {
  readonly errorAt?: number;
  readonly error?: Readonly<Partial<Record<keyof ErrorInput, string | null>>>;
};

/** An attempt, and the error that a reader of the file will find at a place of it; without a place it is in none. */
export interface WrittenAttempt {
  readonly result: ResultInput;
  readonly errorAt?: number;
  readonly asRead?: ErrorInput;
}

export const exactRows = (attempts: readonly WrittenAttempt[]): ExactRow[] => attempts.map(exactRow);

const exactRow = ({ result, errorAt, asRead = {} }: WrittenAttempt): ExactRow => {
  const { error, ...rest } = result;
  if (error === undefined) return rest;
  if (errorAt === undefined) return { ...rest, error };
  const different = ERROR_MEMBERS.filter((member) => error[member] !== asRead[member]);
  const overlay = Object.fromEntries(different.map((member) => [member, error[member] ?? null]));
  return { ...rest, errorAt, ...(different.length > 0 ? { error: overlay } : {}) };
};

/**
 * The attempts as they were.
 * @param errors those that stand in the file, by their place
 * @returns undefined where the value is not ours, or was changed into something that is not valid
 */
export const readExactRows = (value: unknown, errors: readonly ErrorInput[]): ResultInput[] | undefined => {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const results: ResultInput[] = [];
  for (const [index, row] of (value as unknown[]).entries()) {
    if (typeof row !== 'object' || row === null) return undefined;
    const verdict = validateRow(withError(row as ExactRow, errors), index, Date.now());
    if (!verdict.ok) return undefined;
    results.push(verdict.value);
  }
  return results;
};

const withError = (row: ExactRow, errors: readonly ErrorInput[]): unknown => {
  const { errorAt, error, ...rest } = row;
  if (errorAt === undefined) return error === undefined ? rest : { ...rest, error };
  const merged = { ...errors[errorAt], ...error };
  return { ...rest, error: Object.fromEntries(Object.entries(merged).filter(([, text]) => text !== null)) };
};

/** What a run was called and where it ran, as it was; undefined where that is not valid. */
export const readExactRun = async (value: unknown): Promise<Partial<RunInput> | undefined> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  try {
    const metadata = await parseRunMetadata({ ...value, project: 'any' });
    return omit(metadata as RunInput, 'project');
  } catch {
    return undefined;
  }
};

/** undefined for what is no JSON. */
export const parseExact = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

/** JSON that passes through XML unchanged: every control character and non-character is an escape. */
export const exactJson = (value: unknown): string =>
  canonicalJson(value).replaceAll(
    /[\u007f-\u009f\ufffe\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
