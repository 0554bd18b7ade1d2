import { mongo, type Types } from 'mongoose';
import { RESULT_STATUSES, type AttemptRecord, type ResultStatus } from '../domain/model.js';
import type { PreparedResult } from '../domain/prepare-results.js';
import type { StoredResult, StoredTest } from '../domain/stored.js';
import type { ResultDocument, ResultErrorDocument } from './result.schema.js';

const CODES = Object.fromEntries(RESULT_STATUSES.map((status, code) => [status, code])) as Record<ResultStatus, number>;

export const statusCode = (status: ResultStatus): number => CODES[status];

export interface ResultOwner {
  readonly organization: string;
  readonly project: Types.ObjectId;
  readonly run: Types.ObjectId;
}

/** Members without a value are left out: they would cost bytes in each of millions of documents. */
export const toDocument = (prepared: PreparedResult, owner: ResultOwner): ResultDocument => {
  const { result, record } = prepared;
  const document: ResultDocument = {
    _id: new mongo.Binary(prepared.id),
    o: owner.organization,
    p: owner.project,
    r: owner.run,
    t: record.test,
    a: record.attempt,
    s: CODES[record.status],
    at: new Date(record.at),
    g: record.generation,
    h: prepared.hash,
  };
  if (record.durationUs !== undefined) document.d = record.durationUs;
  if (record.type !== '') document.ty = record.type;
  if (record.owner !== '') document.ow = record.owner;
  if (record.tags.length > 0) document.tg = [...record.tags];
  if (prepared.error) document.e = toErrorDocument(prepared.error);
  if (result.steps?.length) document.sp = [...result.steps];
  if (result.worker !== undefined) document.w = result.worker;
  return document;
};

const toErrorDocument = ({
  type,
  message,
  stack,
  fingerprint,
}: NonNullable<PreparedResult['error']>): ResultErrorDocument => ({
  ...(type === undefined ? {} : { ty: type }),
  ...(message === undefined ? {} : { m: message }),
  ...(stack === undefined ? {} : { st: stack }),
  ...(fingerprint === '' ? {} : { fp: fingerprint }),
});

/** What `attemptsOf` reads of a document. */
export const ATTEMPT_PROJECTION = {
  _id: 0,
  t: 1,
  a: 1,
  s: 1,
  at: 1,
  d: 1,
  g: 1,
  ty: 1,
  ow: 1,
  tg: 1,
  'e.fp': 1,
} as const;

const NO_TAGS: readonly string[] = [];

export const toAttempt = (document: Omit<ResultDocument, '_id'>, suite: string): AttemptRecord => ({
  test: document.t,
  attempt: document.a,
  status: RESULT_STATUSES[document.s]!,
  at: document.at.getTime(),
  durationUs: document.d,
  generation: document.g,
  suite,
  type: document.ty ?? '',
  owner: document.ow ?? '',
  tags: document.tg ?? NO_TAGS,
  fingerprint: document.e?.fp ?? '',
});

export const toResult = (document: ResultDocument, test: StoredTest): StoredResult => ({
  resultId: hexOf(document._id),
  runId: document.r.toHexString(),
  projectId: document.p.toHexString(),
  test,
  type: document.ty,
  tags: document.tg ?? [],
  owner: document.ow,
  status: RESULT_STATUSES[document.s]!,
  attempt: document.a,
  startedAt: document.at,
  durationMs: document.d === undefined ? undefined : document.d / 1000,
  error: document.e && {
    type: document.e.ty,
    message: document.e.m,
    stack: document.e.st,
    fingerprint: document.e.fp,
  },
  steps: document.sp ?? [],
  worker: document.w,
  generation: document.g,
});

export const hexOf = (id: mongo.Binary): string => Buffer.from(id.buffer).subarray(0, id.position).toString('hex');

/** `undefined` for what is no id of a result. */
export const parseResultId = (hex: string): mongo.Binary | undefined =>
  /^[0-9a-f]{32}$/.test(hex) ? new mongo.Binary(Buffer.from(hex, 'hex')) : undefined;
