import { Injectable } from '@nestjs/common';
import { type LinkSignature, systemActor } from '../auth/index.js';
import { Clock, DomainError, systemScope } from '../common/index.js';
import { AlertActionsService } from './alert-actions.service.js';
import { isOpen } from './domain/alert.js';
import type { StoredAlert } from './domain/stored-alert.js';
import { ActionLinks, LINK_SNOOZE_MS, type LinkAction } from './messages/action-links.service.js';
import { askPage, donePage, overPage } from './messages/action-page.js';
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
    return isOpen(alert.state) ? askPage(alert, action) : overPage(alert);
  }

  /** @throws DomainError 403 `link_invalid` */
  async act(alertId: string, action: LinkAction, signature: LinkSignature): Promise<string> {
    const alert = await this.verified(alertId, action, signature);
    if (!isOpen(alert.state)) return overPage(alert);
    return donePage(await this.perform(alert, action), action);
  }

  private perform({ alertId, organization }: StoredAlert, action: LinkAction): Promise<StoredAlert> {
    const actor = { ...systemActor(organization), subject: 'link', name: 'a link in a message' };
    const who = { scope: systemScope(organization), actor };
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
