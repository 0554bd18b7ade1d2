import type { FieldProblem } from '../../common/index.js';
import type { ListedMetric } from '../../metrics/index.js';
import { isLowBad } from './judge.js';
import type { RuleSettings } from './rule.js';

/** A score below this is within what chance does: trends never flag it. */
export const LEAST_SCORE = 3.5;

type Checked = Pick<RuleSettings, 'condition' | 'warning' | 'critical' | 'recovery'>;

const problem = (field: string, detail: string): FieldProblem => ({ pointer: `/${field}`, detail });

/** The largest value that a threshold can mean. */
const largest = ({ condition }: Checked, { unit }: Pick<ListedMetric, 'unit'>): number =>
  unit === 'ratio' && condition !== 'outside_expected' ? 1 : Infinity;

const outOfReach = (rule: Checked, metric: Pick<ListedMetric, 'unit'>): FieldProblem[] =>
  (['warning', 'critical', 'recovery'] as const).flatMap((field) => {
    const value = rule[field];
    if (value === undefined) return [];
    const isChange = rule.condition !== 'above' && rule.condition !== 'below';
    if (value > largest(rule, metric)) return [problem(field, 'must be at most 1: it is a rate, not a percentage')];
    if (value < 0 && (isChange || metric.unit !== 'number')) return [problem(field, 'must not be below 0')];
    if (rule.condition === 'outside_expected' && field !== 'recovery' && value < LEAST_SCORE)
      return [problem(field, `must be a score of at least ${LEAST_SCORE} robust standard deviations`)];
    return [];
  });

/** What is wrong with the thresholds of a rule; nothing for a sound one. */
export const checkThresholds = (rule: Checked, metric: Pick<ListedMetric, 'unit'>): FieldProblem[] => {
  const { condition, warning, critical, recovery } = rule;
  if (warning === undefined && critical === undefined)
    return [problem('critical', 'one of warning and critical has to be there')];
  const problems = outOfReach(rule, metric);
  const sign = isLowBad(condition) ? -1 : 1;
  if (warning !== undefined && critical !== undefined && sign * (critical - warning) <= 0)
    problems.push(problem('critical', `must be ${sign > 0 ? 'above' : 'below'} the warning threshold`));
  const mildest = warning ?? critical ?? 0;
  if (recovery !== undefined && sign * (recovery - mildest) > 0)
    problems.push(problem('recovery', `must not be ${sign > 0 ? 'above' : 'below'} the milder threshold`));
  return problems;
};
