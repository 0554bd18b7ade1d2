import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, type Page, type Scope } from '../common/index.js';
import { ChannelsService } from '../notifications/index.js';
import { requireWholeOrganization } from './organization-only.js';
import {
  EscalationPoliciesRepository,
  type EscalationPolicy,
  type EscalationPolicySettings,
} from './persistence/escalation-policies.repository.js';
import { RulesRepository } from './persistence/rules.repository.js';

/** Who is told next when nobody cares. A change is for alerts that fire from now on: those that are on keep theirs. */
@Injectable()
export class EscalationPoliciesService {
  constructor(
    private readonly policies: EscalationPoliciesRepository,
    private readonly rules: RulesRepository,
    private readonly channels: ChannelsService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 403 `organization_only`; 422 `unknown_channel` */
  async create(principal: Principal, settings: EscalationPolicySettings): Promise<EscalationPolicy> {
    await this.check(principal.scope, settings);
    const policy = await this.policies.insert(principal.scope, settings, principal.subject, this.clock.now());
    await this.audit.record(principal, 'escalation_policy.created', target(policy), { ...settings });
    return policy;
  }

  list(scope: Scope, limit: number, cursor?: string): Promise<Page<EscalationPolicy>> {
    return this.policies.list(scope, limit, cursor);
  }

  /** @throws DomainError 404 */
  async get(scope: Scope, policyId: string): Promise<EscalationPolicy> {
    const policy = await this.policies.find(scope, policyId);
    if (!policy) throw notFound('Escalation policy');
    return policy;
  }

  async replace(principal: Principal, policyId: string, settings: EscalationPolicySettings): Promise<EscalationPolicy> {
    await this.get(principal.scope, policyId);
    await this.check(principal.scope, settings);
    const policy = await this.policies.replace(principal.scope, policyId, settings, this.clock.now());
    if (!policy) throw notFound('Escalation policy');
    await this.audit.record(principal, 'escalation_policy.updated', target(policy), { ...settings });
    return policy;
  }

  /** @throws DomainError 409 `policy_in_use` */
  async delete(principal: Principal, policyId: string): Promise<void> {
    const policy = await this.get(principal.scope, policyId);
    requireWholeOrganization(principal.scope);
    const rules = await this.rules.countOfPolicy(principal.scope, policyId);
    if (rules > 0)
      throw new DomainError('conflict', 'policy_in_use', `${rules} rules escalate by this policy`, {
        extensions: { rules },
      });
    if (!(await this.policies.remove(principal.scope, policyId))) throw notFound('Escalation policy');
    await this.audit.record(principal, 'escalation_policy.deleted', target(policy), { name: policy.name });
  }

  private async check(scope: Scope, { levels }: EscalationPolicySettings): Promise<void> {
    requireWholeOrganization(scope);
    for (const [i, { channels }] of levels.entries())
      await this.channels.requireAll(scope, channels, `/levels/${i}/channels`);
  }
}

const target = ({ policyId }: EscalationPolicy) => ({ type: 'escalation_policy', id: policyId });
