import type { Plain } from '../../common/index.js';
import { estimatedCompletion, type ExportJob, progressOf } from '../domain/export-job.js';
import type { DownloadLink } from '../downloads.service.js';
import type { ExportSource } from '../sources/export-source.js';
import type { ExportDto, ExportSourcesDto } from './export-views.dto.js';

const BASE = '/api/v1/execution-reporting/exports';

export const statusHref = (jobId: string): string => `${BASE}/${jobId}/status`;

type Times = Partial<Record<'startedAt' | 'finishedAt' | 'expiresAt' | 'estimatedCompletion', string>>;

const timesOf = (job: ExportJob, now: Date): Times => {
  const times = {
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    expiresAt: job.expiresAt,
    estimatedCompletion: estimatedCompletion(job, now),
  };
  return Object.fromEntries(Object.entries(times).flatMap(([key, at]) => (at ? [[key, at.toISOString()]] : [])));
};

/** @param link a fresh one; left out in lists, where nobody would follow most of them */
export const toExportDto = (job: ExportJob, now: Date, link?: DownloadLink): Plain<ExportDto> => {
  const { jobId, name, status, source, format, columns, filter, range, projects, priority, file, error } = job;
  return {
    ...{ jobId, name, status, source, format, columns, filter, projects, priority },
    timeRange: { from: range.from.toISOString(), to: range.to.toISOString(), timeZone: range.timeZone },
    progress: progressOf(job),
    ...(job.asOf ? { asOf: job.asOf.position } : {}),
    ...(link ? { downloadUrl: link.url, downloadUrlExpiresAt: link.expiresAt.toISOString() } : {}),
    ...(file && status === 'completed'
      ? {
          file: {
            name: file.name,
            length: file.length,
            rows: file.rows,
            sha256: file.sha256,
            truncated: file.truncated,
          },
        }
      : {}),
    ...(error && status === 'failed' ? { error } : {}),
    attempts: job.attempts,
    createdBy: job.owner.subject,
    createdAt: job.createdAt.toISOString(),
    ...timesOf(job, now),
    links: { status: statusHref(jobId), ...(status === 'completed' ? { download: `${BASE}/${jobId}/download` } : {}) },
  };
};

export const toSourcesDto = (sources: readonly ExportSource[]): Plain<ExportSourcesDto> => ({
  items: sources.map(({ kind, title, description, permission, formats, columns, defaultColumns }) => ({
    ...{ kind, title, description, permission, formats },
    columns: columns.map((column) => ({
      key: column.key,
      title: column.title,
      type: column.type,
      description: column.description,
      byDefault: defaultColumns.includes(column.key),
    })),
  })),
});
