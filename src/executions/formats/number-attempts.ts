import { canonicalJson } from '../domain/canonical-json.js';
import type { ResultInput } from '../domain/model.js';

/**
 * Gives each result its attempt number: its place among the results of the same test in the file, so that a file sent in
 * parts keeps its attempts. A number that the file itself names stays; those after it go on from there.
 */
export const numberAttempts = (results: readonly ResultInput[]): ResultInput[] => {
  const last = new Map<string, number>();
  return results.map((result) => {
    const key = `${result.suite ?? ''}\0${result.name}\0${result.parameters ? canonicalJson(result.parameters) : ''}`;
    const before = last.get(key) ?? 0;
    const attempt = result.attempt !== undefined && result.attempt > before ? result.attempt : before + 1;
    last.set(key, attempt);
    return { ...result, attempt };
  });
};
