import { createHash } from 'node:crypto';

/** `"<version>.<data>"`: If-Match compares the version, If-None-Match all of it. */
export const etagOf = (version: number, dataKey: string): string =>
  `"${version}.${createHash('sha256').update(dataKey).digest('base64url').slice(0, 22)}"`;

const tagsOf = (header: string): string[] =>
  header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );

/** The versions that an If-Match header names; `any` for `*`; undefined without a header. */
export const versionsIn = (ifMatch: string | undefined): 'any' | readonly number[] | undefined => {
  if (ifMatch === undefined || ifMatch.trim() === '') return undefined;
  const tags = tagsOf(ifMatch);
  if (tags.includes('*')) return 'any';
  return tags.flatMap((tag) => (/^\d{1,15}(\.|$)/.test(tag) ? [Number.parseInt(tag, 10)] : []));
};

/** Weak comparison, as RFC 9110 wants it of If-None-Match. */
export const isUnchanged = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined && tagsOf(ifNoneMatch).some((tag) => tag === '*' || `"${tag}"` === etag);
