import { Injectable } from '@nestjs/common';
import {
  ApiKeysService,
  type LinkSignature,
  LinkSigner,
  looksLikeApiKey,
  may,
  type Principal,
  TokenVerifier,
} from '../auth/index.js';
import { Clock, DomainError, type StoredFile, systemScope } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import type { ExportJob } from './domain/export-job.js';
import { FORMATS } from './domain/formats.js';
import { LIMITS } from './exports.options.js';
import { ExportsService } from './exports.service.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportJobsRepository } from './persistence/export-jobs.repository.js';

export interface DownloadLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/** How the file is asked for: by a signed link, or as somebody. */
export interface DownloadRequest {
  readonly jobId: string;
  readonly signature: Partial<LinkSignature>;
  readonly authorization?: string;
  readonly apiKey?: string;
}

const BASE = '/api/v1/execution-reporting/exports';

const pathOf = (jobId: string): string => `${BASE}/${jobId}/download`;

const linkInvalid = (): DomainError =>
  new DomainError('forbidden', 'link_invalid', 'This link is not valid or no longer valid');

/** Whole files, by links that end and can be voided, or by a token that may read exports. */
@Injectable()
export class DownloadsService {
  constructor(
    private readonly exports: ExportsService,
    private readonly jobs: ExportJobsRepository,
    private readonly files: ExportFiles,
    private readonly signer: LinkSigner,
    private readonly tokens: TokenVerifier,
    private readonly keys: ApiKeysService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** A new link, good for 15 minutes; undefined while there is no file. */
  linkOf(job: ExportJob): DownloadLink | undefined {
    if (job.status !== 'completed' || !job.file) return undefined;
    const expiresAt = new Date(this.clock.now().getTime() + LIMITS.linkMinutes * 60_000);
    const { jobId, organization, linkRevision } = job;
    const subject = { method: 'GET', path: pathOf(jobId), id: jobId, organization, revision: linkRevision };
    return { url: `${this.config.publicUrl}${pathOf(jobId)}?${this.signer.query(subject, expiresAt)}`, expiresAt };
  }

  /**
   * The file, for who may have it.
   * @throws DomainError 401; 403 `link_invalid`, whatever is wrong with the link; 404; 409 `export_not_ready`, `export_expired`
   */
  async open(request: DownloadRequest): Promise<StoredFile> {
    const { signature, org, expires, key } = request.signature;
    const fields = [signature, org, expires, key];
    if (signature !== undefined && org !== undefined && expires !== undefined && key !== undefined)
      return this.openSigned(request.jobId, { signature, org, expires, key });
    // a link that has lost a field is an altered one
    if (fields.some((field) => field !== undefined)) throw linkInvalid();
    const principal = await this.authenticate(request);
    if (!may(principal, 'exports:read'))
      throw new DomainError('forbidden', 'permission_missing', 'This needs the permission exports:read');
    const job = await this.exports.find(principal, request.jobId);
    return this.fileOf(job) ?? refuse(job);
  }

  /** Undefined while there is no file, and when it is no more. */
  fileOf({ status, file, format }: ExportJob): StoredFile | undefined {
    if (status !== 'completed' || !file) return undefined;
    const { fileId, name, length, sha256 } = file;
    return {
      ...{ name, length, contentType: FORMATS[format].contentType, etag: `"${sha256.slice(0, 40)}"` },
      read: ({ first, last }) => this.files.read(fileId, first, last),
    };
  }

  /** The job is looked up in the organization that the link names; what does not fit is the same as a wrong signature. */
  private async openSigned(jobId: string, { org, ...signature }: LinkSignature): Promise<StoredFile> {
    const job = await this.jobs.find(systemScope(org), jobId);
    if (!job) throw linkInvalid();
    const { organization, linkRevision } = job;
    const subject = { method: 'GET', path: pathOf(jobId), id: jobId, organization, revision: linkRevision };
    this.signer.verify(subject, signature);
    const file = this.fileOf(job);
    if (!file) throw linkInvalid();
    return file;
  }

  private authenticate({ authorization, apiKey }: DownloadRequest): Promise<Principal> {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    const key = apiKey ?? (bearer !== undefined && looksLikeApiKey(bearer) ? bearer : undefined);
    if (key !== undefined) return this.keys.authenticate(key);
    if (bearer !== undefined) return this.tokens.verifyToken(bearer);
    throw new DomainError(
      'unauthenticated',
      'unauthenticated',
      'A signed link, a token (Authorization: Bearer ...) or an API key is needed',
    );
  }
}

/** @throws DomainError 409 `export_expired`, `export_not_ready` */
const refuse = ({ status }: ExportJob): never => {
  if (status === 'expired')
    throw new DomainError('conflict', 'export_expired', 'The file has expired: retry the export');
  throw new DomainError('conflict', 'export_not_ready', `There is no file yet: the export is ${status}`);
};
