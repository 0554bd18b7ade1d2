import { describe, expect, it } from '@jest/globals';
import { judge, type Thresholds } from './judge.js';
import { figure } from './testing/alerts.js';

describe('a figure is judged', () => {
  const rule = (more: Partial<Thresholds>): Thresholds => ({ condition: 'above', minimumSample: 1, ...more });
  const levelOf = (more: Partial<Thresholds>, measure: number | null, n = 100): string => {
    const evaluation = judge(rule(more), { ...figure(n), measure });
    if (evaluation.kind !== 'value') return evaluation.kind;
    return evaluation.level ?? (evaluation.cleared ? 'clear' : 'band');
  };

  it.each<[string, Partial<Thresholds>, number | null, string]>([
    ['above both', { warning: 10, critical: 20 }, 21, 'critical'],
    ['between the two', { warning: 10, critical: 20 }, 15, 'warning'],
    ['exactly the threshold is still good', { critical: 20 }, 20, 'clear'],
    ['only a warning', { warning: 10 }, 1000, 'warning'],
    ['below both', { condition: 'below', warning: 0.95, critical: 0.9 }, 0.89, 'critical'],
    ['below the warning', { condition: 'below', warning: 0.95, critical: 0.9 }, 0.94, 'warning'],
    ['below nothing', { condition: 'below', warning: 0.95, critical: 0.9 }, 0.95, 'clear'],
    ['above, not recovered', { critical: 20, recovery: 10 }, 15, 'band'],
    ['above, recovered', { critical: 20, recovery: 10 }, 10, 'clear'],
    ['below, not recovered', { condition: 'below', critical: 0.9, recovery: 0.95 }, 0.93, 'band'],
    ['below, recovered', { condition: 'below', critical: 0.9, recovery: 0.95 }, 0.95, 'clear'],
    ['a drop of exactly so much', { condition: 'drops_by', critical: 0.05 }, 0.05, 'critical'],
    ['no drop at all', { condition: 'drops_by', critical: 0 }, 0, 'clear'],
    ['new failures', { condition: 'new_failures', critical: 0 }, 1, 'critical'],
    ['nothing to compute', { critical: 20 }, null, 'undecided'],
    ['not a number', { critical: 20 }, NaN, 'undecided'],
  ])('%s', (_name, more, measure, expected) => {
    expect(levelOf(more, measure)).toBe(expected);
  });

  it('with too small a sample not at all', () => {
    expect(levelOf({ critical: 1, minimumSample: 30 }, 99, 29)).toBe('undecided');
    expect(levelOf({ critical: 1, minimumSample: 30 }, 99, 30)).toBe('critical');
  });
});
