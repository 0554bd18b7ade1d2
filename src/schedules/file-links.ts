import { Injectable } from '@nestjs/common';
import { type LinkSignature, LinkSigner, type LinkSubject } from '../auth/index.js';
import { Clock } from '../common/index.js';
import { AppConfig } from '../config/index.js';

/** Where a file stands in the history. */
export interface FilePlace {
  readonly scheduleId: string;
  readonly runId: string;
  readonly index: number;
}

const BASE = '/api/v1/execution-reporting/schedules';
/** A message is read days after it was sent; whoever comes later finds the file in the history. */
const LINK_DAYS = 7;
const DAY_MS = 86_400_000;

/** Path of a file for callers with a token. */
export const filePath = ({ scheduleId, runId, index }: FilePlace): string =>
  `${BASE}/${scheduleId}/runs/${runId}/files/${index}`;

/** Links in messages that open a file without a token, for a week. */
@Injectable()
export class FileLinks {
  constructor(
    private readonly signer: LinkSigner,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** An absolute URL. */
  linkOf(organization: string, place: FilePlace): string {
    const expiresAt = new Date(this.clock.now().getTime() + LINK_DAYS * DAY_MS);
    const subject = subjectOf(organization, place);
    return `${this.config.publicUrl}${subject.path}?${this.signer.query(subject, expiresAt)}`;
  }

  /** @throws DomainError 403 `link_invalid` */
  verify(place: FilePlace, signature: LinkSignature): void {
    this.signer.verify(subjectOf(signature.org, place), signature);
  }
}

const subjectOf = (organization: string, place: FilePlace): LinkSubject => ({
  method: 'GET',
  path: `${filePath(place)}/download`,
  id: place.runId,
  organization,
});
