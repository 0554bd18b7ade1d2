import { Injectable } from '@nestjs/common';
import { type LinkSignature, LinkSigner, type LinkSubject } from '../../auth/index.js';
import { AppConfig } from '../../config/index.js';
import type { StoredAlert } from '../domain/stored-alert.js';

/** What a button is enough for. */
export const BUTTON_ACTIONS = ['acknowledge', 'snooze', 'resolve'] as const;
export type ButtonAction = (typeof BUTTON_ACTIONS)[number];

export const LINK_ACTIONS = [...BUTTON_ACTIONS, 'comment'] as const;
export type LinkAction = (typeof LINK_ACTIONS)[number];

/** What a snooze by a link lasts. */
export const LINK_SNOOZE_MS = 4 * 3_600_000;
const VALID_MS = 7 * 86_400_000;
const API = '/api/v1/execution-reporting';

/** Links in messages that act on one episode of one alert without a token. */
@Injectable()
export class ActionLinks {
  constructor(
    private readonly signer: LinkSigner,
    private readonly config: AppConfig,
  ) {}

  /** With the origin: for a message. */
  urlOf(alert: StoredAlert, action: LinkAction, now: Date): string {
    const subject = subjectOf(alert, action);
    const query = this.signer.query(subject, new Date(now.getTime() + VALID_MS));
    return `${this.config.publicUrl}${subject.path}?${query}`;
  }

  /** One of each action. */
  allOf(alert: StoredAlert, now: Date): Readonly<Record<LinkAction, string>> {
    const links = LINK_ACTIONS.map((action) => [action, this.urlOf(alert, action, now)]);
    return Object.fromEntries(links) as Record<LinkAction, string>;
  }

  /** @throws DomainError 403 `link_invalid`; also for a link of an earlier episode */
  verify(alert: StoredAlert, action: LinkAction, signature: Omit<LinkSignature, 'org'>): void {
    this.signer.verify(subjectOf(alert, action), signature);
  }
}

const subjectOf = ({ alertId, organization, state }: StoredAlert, action: LinkAction): LinkSubject => ({
  method: 'POST',
  path: `${API}/alerts/links/${alertId}/${action}`,
  id: alertId,
  organization,
  revision: state.episode,
});
