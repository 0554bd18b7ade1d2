import type { FastifyReply } from 'fastify';
import type { Plain } from '../../common/index.js';
import { drillHref, reportHref } from '../domain/links.js';
import type { ReportHead } from '../domain/report.js';
import type { StoredReport } from '../persistence/reports.repository.js';
import type { ReportDto, ReportHeadDto } from './report.dto.js';

export const toHeadDto = (head: ReportHead): Plain<ReportHeadDto> => {
  const { reportId, request } = head;
  const { from, to, timeZone } = request.range;
  return {
    reportId,
    type: head.type,
    ...(head.name === undefined ? {} : { name: head.name }),
    filter: request.filter,
    timeRange: { from: from.toISOString(), to: to.toISOString(), timeZone },
    ...(request.interval === undefined ? {} : { interval: request.interval }),
    groupBy: request.groupBy,
    attempts: request.attempts,
    projects: head.projects.map(({ key }) => key),
    asOf: head.asOf,
    generatedAt: head.generatedAt.toISOString(),
    expiresAt: head.expiresAt.toISOString(),
    createdBy: head.createdBy,
    plan: head.plan,
    links: { self: reportHref(reportId), drilldown: drillHref(reportId, { period: 'current' }) },
  };
};

type AnswerHead = Plain<ReportHeadDto & Pick<ReportDto, 'dataFreshnessSeconds' | 'cached'>>;

const acceptsGzip = (encodings = ''): boolean => /(^|,)\s*gzip\s*(?!;\s*q=0(\.0*)?\s*(,|$))/i.test(encodings);

/** What a cache must know of an answer, 304 or not: whoever has lost the right to a report gets it from no cache. */
export const sendVersion = (reply: FastifyReply, head: ReportHead): string => {
  const etag = etagOf(head);
  void reply.header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'accept-encoding');
  return etag;
};

/** A report as the bytes of a ReportDto: those of its figures are kept, only the members before them are made anew. */
export const sendReport = (
  reply: FastifyReply,
  encodings: string | undefined,
  { head, packed }: StoredReport,
  cached: boolean,
  dataFreshnessSeconds: number | null,
): Buffer => {
  const begin: AnswerHead = { ...toHeadDto(head), dataFreshnessSeconds, cached };
  const text = JSON.stringify(begin);
  sendVersion(reply, head);
  void reply.header('content-type', 'application/json; charset=utf-8');
  if (!acceptsGzip(encodings)) return packed.json(text);
  void reply.header('content-encoding', 'gzip');
  return packed.gzip(text);
};

/** A report changes at most once, when scores are filled in. Weak: the age of the data is in the answer too. */
const etagOf = ({ reportId, revision }: ReportHead): string =>
  revision === 0 ? `W/"${reportId}"` : `W/"${reportId}.${revision}"`;

/** Whether If-None-Match names the version. */
export const isMatch = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));
