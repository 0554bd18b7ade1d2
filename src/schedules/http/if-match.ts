import { invalid } from '../../common/index.js';

/** The version that an If-Match header names; undefined without one, and for `*`. @throws DomainError 422 */
export const versionOf = (ifMatch: string | undefined): number | undefined => {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch.trim())?.[1];
  if (version !== undefined) return Number(version);
  throw invalid('validation_failed', 'If-Match is not an ETag of this service', [
    { pointer: '/if-match', detail: 'must be the ETag of the schedule as it was read' },
  ]);
};

export const etagOf = (version: number): string => `"${version}"`;
