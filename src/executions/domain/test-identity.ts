import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { ResultInput } from './model.js';

export type TestKey = Pick<ResultInput, 'suite' | 'name' | 'parameters'>;

/** No parameters and an empty set of them are the same test, whatever the order of the keys. */
const parametersText = (parameters: ResultInput['parameters']): string =>
  parameters === undefined ? '{}' : canonicalJson(parameters);

/**
 * The public id of a test: 24 hex digits of SHA-256 over project, suite path, name and parameters. A test without a suite
 * is the test with the suite ''. The texts hold no NUL (the validator refuses it), so the parts cannot run together.
 */
export const testIdOf = (projectId: string, { suite = '', name, parameters }: TestKey): string =>
  hash('sha256', `${projectId}\0${suite}\0${name}\0${parametersText(parameters)}`, 'hex').slice(0, 24);

/**
 * The `_id` of a result: 4 bytes of the run's start in whole seconds (big endian, so that ids of one time lie together in
 * the index) and 12 bytes of SHA-256 over run, test and attempt. The same attempt sent again has the same id.
 * @param runStartedAtSeconds epoch seconds, 0 to 2^32 - 1; a fraction is cut off
 * @throws RangeError outside of that
 */
export const resultIdOf = (runStartedAtSeconds: number, runId: string, testId: string, attempt: number): Buffer => {
  const id = Buffer.allocUnsafe(16);
  id.writeUInt32BE(Math.floor(runStartedAtSeconds), 0);
  hash('sha256', `${runId}\0${testId}\0${attempt}`, 'buffer').copy(id, 4, 0, 12);
  return id;
};
