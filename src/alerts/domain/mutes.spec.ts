import { describe, expect, it } from '@jest/globals';
import { labelsOf, type Matcher, matchesAll } from './labels.js';
import { muteOf, type MuteRules } from './mutes.js';
import { at } from './testing/alerts.js';

const is = (label: string, value: string, operator: Matcher['operator'] = '='): Matcher => ({ label, operator, value });
const alert = (alertId: string, labels: Readonly<Record<string, string>>) => ({ alertId, labels });
const NONE: MuteRules = { silences: [], inhibitions: [], firing: [] };

describe('matchers', () => {
  it.each<[string, Matcher[], boolean]>([
    ['equal', [is('team', 'shop')], true],
    ['all of them', [is('team', 'shop'), is('suite', 'cart')], false],
    ['not equal', [is('team', 'pay', '!=')], true],
    ['contains', [is('suite', 'out', 'contains')], true],
    ['prefix', [is('suite', 'check', 'prefix')], true],
    ['a label that is not there is empty', [is('branch', '')], true],
    ['nothing of the prototype', [is('constructor', '')], true],
    ['none match nothing', [], false],
  ])('%s', (_name, matchers, expected) => {
    expect(matchesAll(matchers, { team: 'shop', suite: 'checkout' })).toBe(expected);
  });

  it('see what the service sets, whatever a rule says', () => {
    const rule = {
      ...{ ruleId: 'r', name: 'Rate', metric: 'pass_rate', severity: 'high' as const, projects: ['web'] },
      labels: { severity: 'low', team: 'shop' },
    };
    expect(labelsOf(rule, { suite: 'cart' })).toEqual({
      ...{ rule: 'Rate', ruleId: 'r', metric: 'pass_rate', severity: 'high' },
      ...{ project: 'web', suite: 'cart', team: 'shop' },
    });
    expect(labelsOf({ ...rule, projects: ['a', 'b'] }, { project: 'b' }).project).toBe('b');
  });
});

describe('an alert is muted', () => {
  const silence = { silenceId: 's', matchers: [is('team', 'shop')], startsAt: at(10), endsAt: at(20) };
  const inhibition = {
    inhibitionRuleId: 'i',
    source: [is('severity', 'critical')],
    target: [is('severity', 'critical', '!=')],
    equal: ['project'],
  };
  const parent = alert('p', { severity: 'critical', project: 'web' });
  const rules: MuteRules = { silences: [], inhibitions: [inhibition], firing: [parent] };

  it('by a silence, from its begin to its end', () => {
    const muted = (minute: number) =>
      muteOf(alert('a', { team: 'shop' }), { ...NONE, silences: [silence] }, at(minute));
    expect([9, 10, 19, 20].map((minute) => muted(minute)?.id)).toEqual([undefined, 's', 's', undefined]);
  });

  it('by its parent, where the equal labels agree', () => {
    expect(muteOf(alert('a', { severity: 'low', project: 'web' }), rules, at(0))).toEqual({
      ...{ by: 'inhibition', id: 'i', source: 'p' },
    });
    expect(muteOf(alert('a', { severity: 'low', project: 'app' }), rules, at(0))).toBeUndefined();
    expect(muteOf(alert('a', { severity: 'low' }), rules, at(0))).toBeUndefined();
  });

  it('never by itself, nor by its like', () => {
    const everything = { ...inhibition, target: [is('severity', 'critical')] };
    const twin = alert('t', parent.labels);
    for (const one of [parent, twin])
      expect(muteOf(one, { ...rules, inhibitions: [everything], firing: [parent, twin] }, at(0))).toBeUndefined();
  });
});
