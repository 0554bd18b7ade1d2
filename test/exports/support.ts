import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { getModelToken } from '@nestjs/mongoose';
import { type Connection, type Model, Types } from 'mongoose';
import type { ExportDto } from '../../src/exports/http/export-views.dto.js';
import { EXPORT_JOB } from '../../src/exports/persistence/export-job.schema.js';
import type { Loose, RequestOptions, TestApp } from '../support/app.js';

export type Export = Partial<ExportDto> & ExportDto;

/** Who writes files stands back behind everything else on the machine. */
const PATIENCE_MS = 150_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Repeats a look at something until it is as wanted, or fails with what was seen last. */
export const until = async <T>(look: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`still not as wanted: ${JSON.stringify(seen).slice(0, 500)}`);
    await pause(50);
  }
};

export const create = async (api: TestApp, body: object, options?: RequestOptions): Promise<Export> => {
  const answer = await api.post<Export>('/exports', body, options);
  expect({ status: answer.status, body: answer.status === 202 ? {} : answer.body }).toEqual({ status: 202, body: {} });
  expect(answer.headers.get('location')).toBe(answer.body.links.status);
  return answer.body;
};

export const statusOf = async (api: TestApp, jobId: string, options?: RequestOptions): Promise<Export> =>
  (await api.get<Export>(`/exports/${jobId}/status`, options)).body;

/** Waits until the job is over. */
export const finished = (api: TestApp, jobId: string, options?: RequestOptions): Promise<Export> =>
  until(
    () => statusOf(api, jobId, options),
    ({ status }) => status !== 'pending' && status !== 'in_progress',
  );

/** The job done, and its bytes by its signed link. */
export const exported = async (
  api: TestApp,
  body: object,
  options?: RequestOptions,
): Promise<{ job: Export; bytes: Buffer; text: string }> => {
  const job = await finished(api, (await create(api, body, options)).jobId, options);
  expect({ status: job.status, error: job.error }).toEqual({ status: 'completed', error: undefined });
  const response = await fetch(linkOn(api, job.downloadUrl ?? ''));
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { job, bytes, text: bytes.toString('utf8') };
};

/** What poppler reads in a document, without the places where a long word may break. */
export const textOfPdf = (bytes: Buffer): string => {
  const folder = mkdtempSync(join(tmpdir(), 'execution-reporting-pdf-'));
  const path = join(folder, 'a.pdf');
  writeFileSync(path, bytes);
  try {
    return execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).replaceAll('\u200b', '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('pdftotext is missing: apt-get install poppler-utils', { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** A value of a row as a table without types has it. */
export const cellText = (value: Loose): string =>
  value instanceof Date ? value.toISOString() : Array.isArray(value) ? value.join(', ') : String(value ?? '');

/** The public address of a link is not where the tests listen. */
export const linkOn = (api: TestApp, url: string): string => {
  const { pathname, search } = new URL(url);
  return api.origin + pathname + search;
};

export const database = (api: TestApp): Connection =>
  api.app.get<Model<object>>(getModelToken(EXPORT_JOB), { strict: false }).db;

export const jobsIn = (api: TestApp) => database(api).collection('export_jobs');

/** A job like one that there is, changed: what it takes long to come to. */
export const pretend = async (api: TestApp, like: string, more: object): Promise<string> => {
  const found = await jobsIn(api).findOne({ _id: new Types.ObjectId(like) });
  const _id = new Types.ObjectId();
  await jobsIn(api).insertOne({ ...found, ...more, _id });
  return _id.toHexString();
};

/** Ids of the files of which there are chunks. */
export const storedFiles = async (api: TestApp): Promise<string[]> =>
  (await database(api).collection('exports.chunks').distinct('files_id')).map(String);
