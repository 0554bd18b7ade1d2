import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, notFound, type Page, type Scope } from '../common/index.js';
import { AlertFeed } from './evaluation/alert-feed.js';
import { requireWholeOrganization } from './organization-only.js';
import {
  type InhibitionSettings,
  InhibitionsRepository,
  type StoredInhibition,
} from './persistence/inhibitions.repository.js';

/** Rules by which an alert mutes those that only follow from it. */
@Injectable()
export class InhibitionsService {
  constructor(
    private readonly inhibitions: InhibitionsRepository,
    private readonly feed: AlertFeed,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 403 `organization_only` */
  async create(principal: Principal, settings: InhibitionSettings): Promise<StoredInhibition> {
    requireWholeOrganization(principal.scope);
    const rule = await this.inhibitions.insert(principal.scope, settings, principal.subject, this.clock.now());
    this.feed.muted(principal.organization);
    await this.audit.record(principal, 'inhibition_rule.created', target(rule), { ...settings });
    return rule;
  }

  list(scope: Scope, limit: number, cursor?: string): Promise<Page<StoredInhibition>> {
    return this.inhibitions.list(scope, limit, cursor);
  }

  /** @throws DomainError 404 */
  async get(scope: Scope, id: string): Promise<StoredInhibition> {
    const rule = await this.inhibitions.find(scope, id);
    if (!rule) throw notFound('Inhibition rule');
    return rule;
  }

  async replace(principal: Principal, id: string, settings: InhibitionSettings): Promise<StoredInhibition> {
    await this.get(principal.scope, id);
    requireWholeOrganization(principal.scope);
    const rule = await this.inhibitions.replace(principal.scope, id, settings, this.clock.now());
    if (!rule) throw notFound('Inhibition rule');
    this.feed.muted(principal.organization);
    await this.audit.record(principal, 'inhibition_rule.updated', target(rule), { ...settings });
    return rule;
  }

  async delete(principal: Principal, id: string): Promise<void> {
    const rule = await this.get(principal.scope, id);
    requireWholeOrganization(principal.scope);
    if (!(await this.inhibitions.remove(principal.scope, id))) throw notFound('Inhibition rule');
    this.feed.muted(principal.organization);
    await this.audit.record(principal, 'inhibition_rule.deleted', target(rule), { name: rule.name });
  }
}

const target = ({ inhibitionRuleId }: StoredInhibition) => ({ type: 'inhibition_rule', id: inhibitionRuleId });
