import type { ExportDefinition, ExportJob } from '../domain/export-job.js';
import type { ExportJobDocument } from './export-job.schema.js';

type StoredDefinition = Omit<ExportDefinition, 'range'> & {
  readonly range: { readonly from: string; readonly to: string; readonly timeZone: string };
};

export const definitionText = (definition: ExportDefinition): string => {
  const { source, options, format, columns, filter, range, timeZone, locale, maxRecords } = definition;
  return JSON.stringify({ source, options, format, columns, filter, range, timeZone, locale, maxRecords });
};

const definitionOf = (text: string): ExportDefinition => {
  const { range, ...rest } = JSON.parse(text) as StoredDefinition;
  return { ...rest, range: { ...range, from: new Date(range.from), to: new Date(range.to) } };
};

const OPTIONAL = ['total', 'asOf', 'file', 'error', 'startedAt', 'finishedAt', 'expiresAt'] as const;

export const toJob = (document: ExportJobDocument): ExportJob => ({
  ...definitionOf(document.definition),
  jobId: document._id.toHexString(),
  organization: document.o,
  projects: document.pk,
  isWide: document.wide === true,
  isPrivate: document.private === true,
  name: document.name,
  priority: document.priority,
  owner: document.owner,
  status: document.status,
  done: document.done,
  attempts: document.attempts,
  linkRevision: document.linkRevision,
  createdAt: document.createdAt,
  ...Object.fromEntries(OPTIONAL.flatMap((key) => (document[key] === undefined ? [] : [[key, document[key]]]))),
});
