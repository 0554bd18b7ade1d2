import { Injectable, Logger } from '@nestjs/common';
import { DomainError, isDatabaseAway, systemScope } from '../../common/index.js';
import { TestsRepository } from '../../executions/index.js';
import { isOpen } from '../domain/alert.js';
import { omit } from '../domain/omit.js';
import type { AlertRule } from '../domain/rule.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { EscalationPoliciesRepository } from '../persistence/escalation-policies.repository.js';
import { RulesRepository } from '../persistence/rules.repository.js';
import { AlertWriter, ChangedMeanwhile } from './alert-writer.service.js';
import { CulpritsService } from './culprits.service.js';
import { EvaluationRound } from './evaluation-round.js';
import {
  type AlertChange,
  isOvertaken,
  nextEvaluationAt,
  planChanges,
  policyOf,
  type RuleOutcome,
  type RulePlan,
} from '../domain/plan-changes.js';
import { RuleReader } from './rule-reader.service.js';
import { groupTexts } from './group-texts.js';

/** Groups of one rule; more is a rule that nobody can look after. */
export const MAX_GROUPS = 1_000;
/** Their queries wait for the database side by side, and for each other where they ask the same. */
const READS_AT_ONCE = 8;
/** Rules whose changes share a transaction. */
const RULES_AT_ONCE = 100;
const ATTEMPTS = 4;
const MAX_DETAIL = 500;

interface Planned {
  readonly rule: AlertRule;
  readonly outcome: RuleOutcome;
  readonly plan: RulePlan;
}

/** Evaluates rules at one moment, together: what they ask in common is asked once. */
@Injectable()
export class Evaluator {
  private readonly logger = new Logger(Evaluator.name);

  constructor(
    private readonly reader: RuleReader,
    private readonly rules: RulesRepository,
    private readonly alerts: AlertsRepository,
    private readonly policies: EscalationPoliciesRepository,
    private readonly culprits: CulpritsService,
    private readonly writer: AlertWriter,
    private readonly tests: TestsRepository,
  ) {}

  /** Rules of one organization. May be repeated at any time: what was stored already is not told again. */
  async evaluate(organization: string, rules: readonly AlertRule[], at: Date): Promise<void> {
    const round = new EvaluationRound(systemScope(organization), at);
    const outcomes: { readonly rule: AlertRule; readonly outcome: RuleOutcome }[] = [];
    for (let from = 0; from < rules.length; from += READS_AT_ONCE) {
      const together = rules.slice(from, from + READS_AT_ONCE);
      outcomes.push(
        ...(await Promise.all(together.map(async (rule) => ({ rule, outcome: await this.read(round, rule) })))),
      );
      await round.slices.pause();
    }
    for (let from = 0; from < outcomes.length; from += RULES_AT_ONCE)
      await this.store(round, outcomes.slice(from, from + RULES_AT_ONCE));
  }

  /** What a rule says now, without storing anything. */
  async read(round: EvaluationRound, rule: AlertRule): Promise<RuleOutcome> {
    try {
      const readings = await this.reader.read(round, rule);
      if (readings.length <= MAX_GROUPS) return { kind: 'readings', readings };
      return { kind: 'error', detail: `it has ${readings.length} groups, more than ${MAX_GROUPS}` };
    } catch (error) {
      // without the database nothing can be stored either: the whole round is repeated
      if (isDatabaseAway(error)) throw error;
      if (!(error instanceof DomainError)) this.logger.error({ err: error, ruleId: rule.ruleId }, 'a rule failed');
      return { kind: 'error', detail: detailOf(error) };
    }
  }

  private async store(
    round: EvaluationRound,
    outcomes: readonly { readonly rule: AlertRule; readonly outcome: RuleOutcome }[],
  ): Promise<void> {
    let waiting = outcomes;
    const planned: Planned[] = [];
    for (let attempt = 1; waiting.length > 0 && attempt <= ATTEMPTS; attempt++) {
      const plans = await this.plan(round, waiting);
      const failed = await this.tryWrite(round, plans);
      planned.push(...plans.filter((one) => !failed.includes(one)));
      // whoever wrote an alert meanwhile is heard
      waiting = failed;
    }
    // the next sweep finds what is left
    await this.rules.dueAgain(
      waiting.map(({ rule }) => rule),
      round.at,
    );
    await this.alerts.refresh(planned.flatMap(({ plan }) => plan.quiet));
    await this.rules.evaluated(
      planned.map(({ rule, plan }) => ({
        rule,
        done: { ruleId: rule.ruleId, health: plan.health, nextAt: nextEvaluationAt(rule, plan.states, round.at) },
      })),
    );
  }

  private async plan(
    round: EvaluationRound,
    outcomes: readonly { readonly rule: AlertRule; readonly outcome: RuleOutcome }[],
  ): Promise<Planned[]> {
    const known = await this.alerts.ofRules(outcomes.map(({ rule }) => rule.ruleId));
    const policies = await this.policies.findMany(round.scope, [
      ...new Set(outcomes.flatMap(({ rule }) => rule.escalationPolicyId ?? [])),
    ]);
    const planned: Planned[] = [];
    const overtaken: AlertRule[] = [];
    for (const { rule, outcome } of outcomes) {
      const alerts = known.get(rule.ruleId) ?? [];
      if (isOvertaken(alerts, round.at)) {
        overtaken.push(rule);
        continue;
      }
      const plan = policies.get(rule.escalationPolicyId ?? '');
      const frozen = plan && { policyId: plan.policyId, name: plan.name, levels: plan.levels, repeat: plan.repeat };
      const context = { policy: policyOf(rule, frozen), at: round.at, newId: () => this.alerts.newId() };
      planned.push({ rule, outcome, plan: planChanges(rule, outcome, alerts, context) });
      await round.slices.pause();
    }
    // its readings may be newer than those of the round that was faster: so it is read again
    await this.rules.dueAgain(overtaken, round.at);
    return planned;
  }

  /** All changes in one transaction; where one of them is late, each rule by itself. @returns those not written */
  private async tryWrite(round: EvaluationRound, planned: readonly Planned[]): Promise<Planned[]> {
    const described = new Map<Planned, AlertChange[]>();
    for (const one of planned) described.set(one, await this.describe(round, one.plan.changes));
    if (await this.write(round, [...described.values()].flat())) return [];
    const failed: Planned[] = [];
    for (const [one, changes] of described) if (!(await this.write(round, changes))) failed.push(one);
    return failed;
  }

  private async write(round: EvaluationRound, changes: readonly AlertChange[]): Promise<boolean> {
    try {
      await this.writer.write(changes, round.at);
      return true;
    } catch (error) {
      if (error instanceof ChangedMeanwhile) return false;
      throw error;
    }
  }

  /** Alerts that begin get what is behind them, and groups of tests their names. */
  private async describe(round: EvaluationRound, changes: readonly AlertChange[]): Promise<AlertChange[]> {
    const fresh = changes.filter(({ before }) => !before).map(({ after }) => after);
    const texts = await groupTexts(round.scope, fresh, this.tests);
    const described: AlertChange[] = [];
    for (const change of changes) {
      const text = texts.get(change.after.alertId);
      const named = text === undefined ? change.after : { ...change.after, groupText: text };
      described.push({ ...change, after: begins(change) ? await this.accuse(round, change.rule, named) : named });
    }
    return described;
  }

  private async accuse(round: EvaluationRound, rule: AlertRule, alert: StoredAlert): Promise<StoredAlert> {
    const bare: StoredAlert = omit(alert, 'culprit');
    if (alert.state.cause !== 'value') return bare;
    const culprit = await this.culprits.find(round, rule, alert.group);
    return culprit ? { ...bare, culprit } : bare;
  }
}

const begins = ({ before, after }: AlertChange): boolean =>
  isOpen(after.state) && after.state.episode !== (before?.state.episode ?? 0);

const detailOf = (error: unknown): string =>
  error instanceof DomainError ? error.message.slice(0, MAX_DETAIL) : 'The evaluation failed; the log has the cause';
