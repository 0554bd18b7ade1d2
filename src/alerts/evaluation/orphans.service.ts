import { Injectable } from '@nestjs/common';
import { DEFAULT_GROUPING } from '../domain/rule.js';
import { endWithoutRule } from '../domain/plan-changes.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { RulesRepository } from '../persistence/rules.repository.js';
import { AlertWriter, ChangedMeanwhile } from './alert-writer.service.js';

const EVERY_MS = 60_000;

/**
 * Ends what is on although nobody looks at it any more: a rule may be deleted or switched off while an evaluation of it is
 * under way, and the process that does it may be killed before it has ended its alerts.
 */
@Injectable()
export class Orphans {
  private sweptAt = 0;

  constructor(
    private readonly alerts: AlertsRepository,
    private readonly rules: RulesRepository,
    private readonly writer: AlertWriter,
  ) {}

  /** At most once a minute. */
  async sweep(now: Date): Promise<void> {
    if (Math.abs(now.getTime() - this.sweptAt) < EVERY_MS) return;
    this.sweptAt = now.getTime();
    const ruleIds = await this.alerts.rulesWithAlerts();
    const enabled = await this.rules.enabledAmong(ruleIds);
    for (const ruleId of ruleIds)
      if (enabled.get(ruleId) !== true)
        await this.end(ruleId, enabled.has(ruleId) ? 'rule_disabled' : 'rule_deleted', now);
  }

  private async end(ruleId: string, reason: 'rule_disabled' | 'rule_deleted', now: Date): Promise<void> {
    const alerts = (await this.alerts.ofRules([ruleId])).get(ruleId) ?? [];
    // it joins no group any more
    const rule = { channels: [], grouping: DEFAULT_GROUPING };
    const changes = alerts.flatMap((alert) => {
      const change = endWithoutRule(alert, reason, now);
      return change ? [{ ...change, rule: { ...rule, organization: alert.organization } }] : [];
    });
    try {
      await this.writer.write(changes, now);
    } catch (error) {
      // whoever is at it ends it, or the next sweep does
      if (!(error instanceof ChangedMeanwhile)) throw error;
    }
  }
}
