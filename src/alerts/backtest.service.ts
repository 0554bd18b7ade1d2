import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { Clock, invalid } from '../common/index.js';
import { findMetric, type TimeRange } from '../metrics/index.js';
import { Backtester, type BacktestAlert } from './domain/backtest.js';
import type { AlertRule, RuleSettings } from './domain/rule.js';
import { EvaluationRound } from './evaluation/evaluation-round.js';
import { Evaluator } from './evaluation/evaluator.service.js';
import { groupTexts } from './evaluation/group-texts.js';
import { TestsRepository } from '../executions/index.js';
import { AlertRulesService } from './rules.service.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Evaluations of one backtest: what it may take of the machine. */
const MOST_STEPS = { cells: 400, series: 100, rows: 60 } as const;

export interface BacktestAnswer {
  readonly from: Date;
  readonly to: Date;
  readonly stepMs: number;
  readonly evaluations: number;
  readonly withoutData: number;
  readonly errors: number;
  readonly firstError?: string;
  readonly alerts: readonly (BacktestAlert & { readonly groupText: string })[];
}

/**
 * Runs a rule over the past as it would have run, evaluation by evaluation, through the same reader and reducer. What came
 * in late is seen from the beginning: the past as it is known now.
 */
@Injectable()
export class BacktestService {
  constructor(
    private readonly rules: AlertRulesService,
    private readonly evaluator: Evaluator,
    private readonly tests: TestsRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError as for a rule; 422 `backtest_too_long` */
  async run(
    principal: Principal,
    settings: RuleSettings,
    range: TimeRange,
    wantedStepMs: number | undefined,
  ): Promise<BacktestAnswer> {
    await this.rules.check(principal, settings);
    const to = new Date(Math.min(range.to.getTime(), this.clock.now().getTime()));
    const most = MOST_STEPS[costOf(settings)];
    const stepMs = wantedStepMs ?? defaultStep(settings, to.getTime() - range.from.getTime(), most);
    const count = Math.floor((to.getTime() - range.from.getTime()) / stepMs);
    if (count > most)
      throw invalid('backtest_too_long', `${count} evaluations are more than the ${most} that such a rule may have`, [
        { pointer: '/step', detail: 'ask for a longer step or a shorter range' },
      ]);
    const rule = asRule(principal, settings, to);
    const tester = new Backtester(rule);
    for (let i = 1; i <= count; i++) {
      const at = new Date(range.from.getTime() + i * stepMs);
      const round = new EvaluationRound(principal.scope, at);
      tester.step(await this.evaluator.read(round, rule), at);
      await round.slices.pause();
    }
    const { alerts, ...figures } = tester.finish();
    const texts = await groupTexts(
      principal.scope,
      alerts.map(({ group }, i) => ({ alertId: String(i), group })),
      this.tests,
    );
    return {
      ...{ from: range.from, to, stepMs, evaluations: Math.max(0, count) },
      ...figures,
      alerts: alerts.map((alert, i) => ({ ...alert, groupText: texts.get(String(i)) ?? alert.groupText })),
    };
  }
}

const costOf = ({ condition, metric }: RuleSettings): keyof typeof MOST_STEPS => {
  if (condition === 'new_failures') return 'rows';
  if (condition === 'outside_expected' || condition === 'change_point') return 'series';
  return findMetric(metric)?.source === 'cell' ? 'cells' : 'rows';
};

/** As often as the rule says, in whole hours; of a rule without a schedule, hourly: fewer where that is too many. */
const defaultStep = ({ everyMs }: RuleSettings, lengthMs: number, most: number): number => {
  const wanted = Math.max(everyMs ?? HOUR_MS, lengthMs / most);
  const unit = wanted > DAY_MS ? DAY_MS : HOUR_MS;
  return Math.ceil(wanted / unit) * unit;
};

const asRule = (principal: Principal, settings: RuleSettings, now: Date): AlertRule => ({
  ...settings,
  ruleId: '0'.repeat(24),
  organization: principal.organization,
  projects: [],
  version: 1,
  nextAt: null,
  createdBy: principal.subject,
  createdAt: now,
  updatedAt: now,
});
