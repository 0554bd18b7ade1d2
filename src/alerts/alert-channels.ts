import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import { type ChannelUse, ChannelUsages } from '../notifications/index.js';
import { EscalationPoliciesRepository } from './persistence/escalation-policies.repository.js';
import { RulesRepository } from './persistence/rules.repository.js';

const MOST_NAMED = 20;

/** Says which rules and escalation policies use a channel, so that none is deleted under them. */
@Injectable()
export class AlertChannels implements OnModuleInit {
  constructor(
    private readonly usages: ChannelUsages,
    private readonly rules: RulesRepository,
    private readonly policies: EscalationPoliciesRepository,
  ) {}

  onModuleInit(): void {
    this.usages.register((scope, channelId) => this.usesOf(scope, channelId));
  }

  private async usesOf(scope: Scope, channelId: string): Promise<ChannelUse[]> {
    const rules = await this.rules.usingChannel(scope, channelId, MOST_NAMED);
    const policies = await this.policies.usingChannel(scope, channelId, MOST_NAMED);
    return [
      ...rules.map(({ ruleId: id, name }) => ({ type: 'alert_rule', id, name })),
      ...policies.map(({ policyId: id, name }) => ({ type: 'escalation_policy', id, name })),
    ];
  }
}
