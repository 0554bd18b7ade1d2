import { Injectable } from '@nestjs/common';
import { type LinkSignature, systemActor } from '../auth/index.js';
import { Clock, DomainError, systemScope } from '../common/index.js';
import { type Actor, AlertActionsService } from './alert-actions.service.js';
import { isOpen } from './domain/alert.js';
import type { StoredAlert } from './domain/stored-alert.js';
import { ActionLinks, type ButtonAction, LINK_SNOOZE_MS, type LinkAction } from './messages/action-links.service.js';
import { askPage, commentedPage, donePage, overPage } from './messages/action-page.js';
import { AlertsRepository } from './persistence/alerts.repository.js';

/** What the links in messages do, by their signature alone. */
@Injectable()
export class AlertLinksService {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly links: ActionLinks,
    private readonly actions: AlertActionsService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 403 `link_invalid`, whatever is wrong with it */
  async ask(alertId: string, action: LinkAction, signature: LinkSignature): Promise<string> {
    const alert = await this.verified(alertId, action, signature);
    // there is something to say also when it is over
    return isOpen(alert.state) || action === 'comment' ? askPage(alert, action) : overPage(alert);
  }

  /** @throws DomainError 403 `link_invalid` */
  async act(alertId: string, action: ButtonAction, signature: LinkSignature): Promise<string> {
    const alert = await this.verified(alertId, action, signature);
    if (!isOpen(alert.state)) return overPage(alert);
    return donePage(await this.perform(alert, action), action);
  }

  /** @throws DomainError 403 `link_invalid` */
  async comment(alertId: string, signature: LinkSignature, text: string): Promise<string> {
    const alert = await this.verified(alertId, 'comment', signature);
    return commentedPage(await this.actions.comment(whoOf(alert), alertId, text), text);
  }

  private perform(alert: StoredAlert, action: ButtonAction): Promise<StoredAlert> {
    const { alertId } = alert;
    const who = whoOf(alert);
    if (action === 'acknowledge') return this.actions.acknowledge(who, alertId);
    if (action === 'resolve') return this.actions.resolve(who, alertId);
    return this.actions.snooze(who, alertId, new Date(this.clock.now().getTime() + LINK_SNOOZE_MS));
  }

  private async verified(alertId: string, action: LinkAction, signature: LinkSignature): Promise<StoredAlert> {
    const alert = await this.alerts.find(systemScope(signature.org), alertId);
    // an alert that is not there answers as a forged link does
    if (!alert) throw new DomainError('forbidden', 'link_invalid', 'This link is not valid or no longer valid');
    this.links.verify(alert, action, signature);
    return alert;
  }
}

const whoOf = ({ organization }: StoredAlert): Actor => ({
  scope: systemScope(organization),
  actor: { ...systemActor(organization), subject: 'link', name: 'a link in a message' },
});
