import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, invalid, notFound, type Page, type Scope } from '../common/index.js';
import { ChannelsService } from '../notifications/index.js';
import { ProjectsService } from '../projects/index.js';
import { checkThresholds } from './domain/check-rule.js';
import type { ResolveReason } from './domain/alert.js';
import { type AlertRule, projectsNamed, type RuleSettings } from './domain/rule.js';
import { AlertWriter, ChangedMeanwhile } from './evaluation/alert-writer.service.js';
import { Regrouper } from './evaluation/regrouper.service.js';
import { applyInput } from './domain/plan-changes.js';
import { RuleMetricsService } from './evaluation/rule-metrics.js';
import { AlertsRepository } from './persistence/alerts.repository.js';
import { EscalationPoliciesRepository } from './persistence/escalation-policies.repository.js';
import { type RuleFilter, RulesRepository } from './persistence/rules.repository.js';

const ATTEMPTS = 5;

/** Rules as people define them. */
@Injectable()
export class AlertRulesService {
  constructor(
    private readonly rules: RulesRepository,
    private readonly alerts: AlertsRepository,
    private readonly policies: EscalationPoliciesRepository,
    private readonly metrics: RuleMetricsService,
    private readonly projects: ProjectsService,
    private readonly channels: ChannelsService,
    private readonly writer: AlertWriter,
    private readonly regrouper: Regrouper,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError as `check` */
  async create(principal: Principal, settings: RuleSettings): Promise<AlertRule> {
    await this.check(principal, settings);
    const rule = await this.rules.insert(principal.scope, settings, principal.subject, this.clock.now());
    await this.audit.record(principal, 'alert_rule.created', target(rule), { ...settings });
    return rule;
  }

  list(scope: Scope, filter: RuleFilter, limit: number, cursor?: string): Promise<Page<AlertRule>> {
    return this.rules.list(scope, filter, limit, cursor);
  }

  /** @throws DomainError 404 */
  async get(scope: Scope, ruleId: string): Promise<AlertRule> {
    const rule = await this.rules.find(scope, ruleId);
    if (!rule) throw notFound('Alert rule');
    return rule;
  }

  /** What the rule asks decides whether its alerts go on: another question ends them. Those that go on go where it says. */
  async replace(principal: Principal, ruleId: string, settings: RuleSettings): Promise<AlertRule> {
    const before = await this.get(principal.scope, ruleId);
    await this.check(principal, settings);
    const rule = await this.rules.replace(principal.scope, ruleId, settings, this.clock.now());
    if (!rule) throw notFound('Alert rule');
    if (!rule.enabled) await this.endAlerts(rule, 'rule_disabled');
    else if (questionOf(before) !== questionOf(rule)) await this.endAlerts(rule, 'rule_changed');
    else await this.untilWritten((now) => this.regrouper.regroup(rule, now));
    await this.audit.record(principal, 'alert_rule.updated', target(rule), { ...settings, version: rule.version });
    return rule;
  }

  async setEnabled(principal: Principal, ruleId: string, enabled: boolean): Promise<AlertRule> {
    const before = await this.get(principal.scope, ruleId);
    if (before.enabled === enabled) return before;
    const rule = await this.rules.replace(
      principal.scope,
      ruleId,
      { ...settingsOf(before), enabled },
      this.clock.now(),
    );
    if (!rule) throw notFound('Alert rule');
    if (!enabled) await this.endAlerts(rule, 'rule_disabled');
    await this.audit.record(principal, enabled ? 'alert_rule.enabled' : 'alert_rule.disabled', target(rule));
    return rule;
  }

  /** Its alerts end, and stay as history. */
  async delete(principal: Principal, ruleId: string): Promise<void> {
    const rule = await this.get(principal.scope, ruleId);
    if (!(await this.rules.remove(principal.scope, ruleId))) throw notFound('Alert rule');
    await this.endAlerts(rule, 'rule_deleted');
    await this.audit.record(principal, 'alert_rule.deleted', target(rule), { name: rule.name });
  }

  /**
   * @throws DomainError 422 for metrics, groups, thresholds, channels and policies that do not fit; 404 for projects that
   * are not there; 403 `organization_rule` for a rule of all projects by somebody who is confined to some
   */
  async check(principal: Principal, settings: RuleSettings): Promise<void> {
    const metric = this.metrics.require(settings.condition, settings.metric);
    this.metrics.checkGroups(settings.condition, settings.metric, settings.groupBy);
    const problems = checkThresholds(settings, metric);
    if (problems.length > 0) throw invalid('validation_failed', 'Some fields are not valid', problems);
    const named = projectsNamed(settings.filter);
    if (named.length > 0) await this.projects.resolve(principal.scope, { projects: named });
    else if (principal.scope.projects !== 'all')
      throw new DomainError('forbidden', 'organization_rule', 'A rule over all projects is not yours: name projects');
    await this.channels.requireAll(principal.scope, settings.channels, '/channels');
    const { escalationPolicyId } = settings;
    if (escalationPolicyId !== undefined && !(await this.policies.find(principal.scope, escalationPolicyId)))
      throw invalid('unknown_escalation_policy', 'The escalation policy is not known', [
        { pointer: '/escalationPolicyId', detail: 'must be the id of an escalation policy' },
      ]);
  }

  private async endAlerts(rule: AlertRule, reason: Extract<ResolveReason, `rule_${string}`>): Promise<void> {
    await this.untilWritten(async (now) => {
      const alerts = (await this.alerts.ofRules([rule.ruleId])).get(rule.ruleId) ?? [];
      const changes = alerts.flatMap((alert) => applyInput(rule, alert, { kind: 'resolve', reason }, rule, now) ?? []);
      await this.writer.write(changes, now);
    });
  }

  /** Repeats what came too late, a few times. */
  private async untilWritten(write: (now: Date) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await write(this.clock.now());
        return;
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

const questionOf = ({ metric, filter, condition, groupBy }: AlertRule): string =>
  JSON.stringify([metric, filter, condition, groupBy]);

const SETTINGS = [
  'name',
  'description',
  'metric',
  'filter',
  'windowMs',
  'timeZone',
  'groupBy',
  'condition',
  'warning',
  'critical',
  'recovery',
  'forMs',
  'keepFiringForMs',
  'minimumSample',
  'severity',
  'labels',
  'onNoData',
  'onError',
  'everyMs',
  'cooldownMs',
  'channels',
  'grouping',
  'escalationPolicyId',
  'enabled',
] as const satisfies readonly (keyof RuleSettings)[];

const settingsOf = (rule: AlertRule): RuleSettings =>
  Object.fromEntries(
    SETTINGS.flatMap((name) => (rule[name] === undefined ? [] : [[name, rule[name]]])),
  ) as unknown as RuleSettings;

const target = ({ ruleId, projects }: AlertRule): { type: string; id: string; projectKey?: string } => ({
  type: 'alert_rule',
  id: ruleId,
  ...(projects.length === 1 && { projectKey: projects[0]! }),
});
