import { describe, expect, it } from '@jest/globals';
import { type AlertPolicy, type AlertState, newAlert } from './alert.js';
import type { EscalationPlan } from './escalation.js';
import type { Evaluation } from './judge.js';
import { type AlertInput, nextChangeAt, reduceAlert } from './reduce-alert.js';
import type { AbsentAnswer } from './rule.js';
import { absentOf, at, figure, MINUTE, value } from './testing/alerts.js';

const PLAN: EscalationPlan = {
  policyId: 'p',
  name: 'on call',
  levels: [{ afterMs: 5 * MINUTE, channels: ['c'], condition: 'not_acked' }],
  repeat: 0,
};
const BARE: AlertPolicy = { forMs: 0, keepFiringForMs: 0, cooldownMs: 0 };

const ok = value(null);
const band = value(null, false);
const warn = value('warning');
const crit = value('critical');
const few: Evaluation = { kind: 'undecided', figure: figure(2) };
const gone: Evaluation = { kind: 'vanished' };
const ack = (untilMinute?: number): AlertInput => ({
  kind: 'acknowledge',
  by: 'ann',
  ...(untilMinute !== undefined && { until: at(untilMinute) }),
});
const snooze = (untilMinute: number): AlertInput => ({ kind: 'snooze', by: 'ann', until: at(untilMinute) });
const close: AlertInput = { kind: 'resolve', reason: 'manual' };
const tick: AlertInput = { kind: 'tick' };

interface Run {
  readonly states: string;
  readonly told: string;
  readonly last: AlertState;
}

/** Runs a script of [minute, input] and writes down the states and what was announced. */
const run = (policy: Partial<AlertPolicy>, script: readonly (readonly [number, AlertInput])[]): Run => {
  let state = newAlert(at(0));
  const states: string[] = [];
  const told: string[] = [];
  for (const [minute, input] of script) {
    const step = reduceAlert(state, input, at(minute), { ...BARE, ...policy });
    for (const effect of step.effects) {
      if (effect.type === 'announce') told.push(`${minute}:${effect.what}`);
      else if (effect.type !== 'moved' && effect.type !== 'level_changed') told.push(`${minute}:${effect.type}`);
    }
    state = step.state;
    states.push(state.status);
  }
  return { states: states.join(' '), told: told.join(' '), last: state };
};

const WORDS: Readonly<Record<string, AlertInput>> = {
  ...{ ok, band, warn, crit, few, gone, close, tick },
  disable: { kind: 'resolve', reason: 'rule_disabled' },
};

/** `2:ack/8`: in minute 2 somebody acknowledges until minute 8. */
const parse = (script: string): (readonly [number, AlertInput])[] =>
  script.split(' ').map((entry) => {
    const [, minute = '', word = '', detail] = /^(\d+):(\w+)(?:\/(\w+))?$/.exec(entry) ?? [];
    const until = detail === undefined ? undefined : Number(detail);
    const inputs: Readonly<Record<string, () => AlertInput>> = {
      ack: () => ack(until),
      snooze: () => snooze(until ?? 0),
      nodata: () => absentOf('no_data', detail as AbsentAnswer),
      error: () => absentOf('error', detail as AbsentAnswer),
    };
    return [Number(minute), WORDS[word] ?? inputs[word]!()];
  });

type Row = readonly [name: string, policy: Partial<AlertPolicy>, script: string, states: string, told: string];

const FOR_10 = { forMs: 10 * MINUTE };
const KEEP_10 = { keepFiringForMs: 10 * MINUTE };
const COOL_30 = { cooldownMs: 30 * MINUTE };

const TABLE: readonly Row[] = [
  ['nothing wrong is nothing', {}, '1:ok', 'inactive', ''],
  ['a breach fires at once without for', {}, '1:crit', 'firing', '1:firing'],
  ['a warning fires too', {}, '1:warn', 'firing', '1:firing'],
  ['the same breach again is no news', {}, '1:crit 2:crit 3:crit', 'firing firing firing', '1:firing'],
  ['it resolves when it is clear', {}, '1:crit 2:ok', 'firing resolved', '1:firing 2:resolved'],
  ['clear again is no news', {}, '1:crit 2:ok 3:ok', 'firing resolved resolved', '1:firing 2:resolved'],
  [
    'it fires again after it has resolved',
    {},
    '1:crit 2:ok 3:crit',
    'firing resolved firing',
    '1:firing 2:resolved 3:firing',
  ],
  ['pending tells nobody', FOR_10, '1:crit 10:crit', 'pending pending', ''],
  ['pending fires when it has lasted', FOR_10, '1:crit 11:crit', 'pending firing', '11:firing'],
  ['pending that clears was nothing', FOR_10, '1:crit 5:ok 12:crit', 'pending inactive pending', ''],
  ['pending ends between the thresholds', FOR_10, '1:crit 5:band 12:crit', 'pending inactive pending', ''],
  ['pending does not mind a small sample', FOR_10, '1:crit 5:few 11:crit', 'pending pending firing', '11:firing'],
  ['a small sample alone does not fire it', FOR_10, '1:crit 20:few', 'pending pending', ''],
  ['pending takes the newest level', FOR_10, '1:warn 5:crit 11:warn', 'pending pending firing', '11:firing'],
  [
    'a resolved alert is pending again',
    FOR_10,
    '0:crit 10:crit 11:ok 12:crit',
    'pending firing resolved pending',
    '10:firing 11:resolved',
  ],
  ['hysteresis: in between it stays on', {}, '1:crit 2:band 3:band', 'firing firing firing', '1:firing'],
  ['hysteresis: in between nothing begins', {}, '1:band', 'inactive', ''],
  ['hysteresis: past the recovery it ends', {}, '1:crit 2:band 3:ok', 'firing firing resolved', '1:firing 3:resolved'],
  ['it keeps firing for a while', KEEP_10, '1:crit 2:ok 11:ok', 'firing recovering recovering', '1:firing'],
  ['and then resolves', KEEP_10, '1:crit 2:ok 12:ok', 'firing recovering resolved', '1:firing 12:resolved'],
  ['a relapse is the same alert', KEEP_10, '1:crit 2:ok 5:crit', 'firing recovering firing', '1:firing'],
  [
    'a relapse starts the wait anew',
    KEEP_10,
    '1:crit 2:ok 5:crit 6:ok 13:ok 16:ok',
    'firing recovering firing recovering recovering resolved',
    '1:firing 16:resolved',
  ],
  ['recovering falls back in between', KEEP_10, '1:crit 2:ok 5:band', 'firing recovering firing', '1:firing'],
  [
    'recovering does not mind a small sample',
    KEEP_10,
    '1:crit 2:ok 15:few 16:ok',
    'firing recovering recovering resolved',
    '1:firing 16:resolved',
  ],
  ['worse is news', {}, '1:warn 2:crit', 'firing firing', '1:firing 2:worsened'],
  ['better, but not good, is none', {}, '1:crit 2:warn', 'firing firing', '1:firing'],
  ['a relapse may be worse', KEEP_10, '1:warn 2:ok 3:crit', 'firing recovering firing', '1:firing 3:worsened'],
  ['a small sample decides nothing', {}, '1:few', 'inactive', ''],
  ['a small sample ends nothing', {}, '1:crit 2:few', 'firing firing', '1:firing'],
  ['vanished once is not enough', {}, '1:crit 2:gone', 'firing firing', '1:firing'],
  ['vanished twice resolves', {}, '1:crit 2:gone 3:gone', 'firing firing resolved', '1:firing 3:resolved'],
  ['back in between counts anew', {}, '1:crit 2:gone 3:crit 4:gone', 'firing firing firing firing', '1:firing'],
  ['a small sample is not vanished', {}, '1:crit 2:gone 3:few 4:gone', 'firing firing firing firing', '1:firing'],
  ['a pending group that vanished was nothing', FOR_10, '1:crit 2:gone 3:gone', 'pending pending inactive', ''],
  [
    'vanished does not wait for keepFiringFor',
    KEEP_10,
    '1:crit 2:gone 3:gone',
    'firing firing resolved',
    '1:firing 3:resolved',
  ],
  ['no data that is ok begins nothing', {}, '1:nodata/ok', 'inactive', ''],
  ['no data that is ok ends it', {}, '1:crit 2:nodata/ok', 'firing resolved', '1:firing 2:resolved'],
  ['no data that keeps the last begins nothing', {}, '1:nodata/keep_last', 'inactive', ''],
  ['no data that keeps the last ends nothing', {}, '1:crit 2:nodata/keep_last', 'firing firing', '1:firing'],
  ['no data that alerts fires', {}, '1:nodata/alert', 'firing', '1:firing'],
  ['no data that alerts waits for for', FOR_10, '1:nodata/alert 11:nodata/alert', 'pending firing', '11:firing'],
  [
    'data again ends what no data began, even in between',
    {},
    '1:nodata/alert 2:band',
    'firing resolved',
    '1:firing 2:resolved',
  ],
  ['an error that alerts fires', {}, '1:error/alert 2:ok', 'firing resolved', '1:firing 2:resolved'],
  [
    'an error that keeps the last keeps it',
    {},
    '1:crit 2:error/keep_last 3:ok',
    'firing firing resolved',
    '1:firing 3:resolved',
  ],
  ['an error that is ok ends it', {}, '1:crit 2:error/ok', 'firing resolved', '1:firing 2:resolved'],
  [
    'cooldown keeps it quiet',
    COOL_30,
    '1:crit 2:ok 3:crit 31:crit',
    'firing resolved resolved resolved',
    '1:firing 2:resolved',
  ],
  [
    'after the cooldown it fires',
    COOL_30,
    '1:crit 2:ok 32:crit',
    'firing resolved firing',
    '1:firing 2:resolved 32:firing',
  ],
  ['an ack tells nobody', {}, '1:crit 2:ack', 'firing firing', '1:firing 2:acknowledged'],
  ['an ack of nothing is nothing', {}, '1:ack 2:snooze/9 3:close', 'inactive inactive inactive', ''],
  [
    'an ack ends with the alert',
    {},
    '1:crit 2:ack 3:ok 4:crit',
    'firing firing resolved firing',
    '1:firing 2:acknowledged 3:resolved 4:firing',
  ],
  [
    'an ack lapses',
    {},
    '1:crit 2:ack/10 9:tick 10:tick',
    'firing firing firing firing',
    '1:firing 2:acknowledged 10:ack_expired',
  ],
  [
    'a snooze ends by itself',
    {},
    '1:crit 2:snooze/10 9:crit 10:crit',
    'firing firing firing firing',
    '1:firing 2:snoozed 10:snooze_ended',
  ],
  ['a snooze into the past is none', {}, '5:crit 6:snooze/6', 'firing firing', '5:firing'],
  ['people resolve it', {}, '1:crit 2:close', 'firing resolved', '1:firing 2:resolved'],
  [
    'people resolve what is recovering',
    KEEP_10,
    '1:crit 2:ok 3:close',
    'firing recovering resolved',
    '1:firing 3:resolved',
  ],
  ['people end what is pending', FOR_10, '1:crit 2:close', 'pending inactive', ''],
  ['a rule that is switched off ends its alerts', {}, '1:crit 2:disable', 'firing resolved', '1:firing 2:resolved'],
  [
    'escalation begins and ends with the alert',
    { escalation: PLAN },
    '1:crit 2:ok',
    'firing resolved',
    '1:firing 1:escalation_started 2:resolved 2:escalation_ended',
  ],
  [
    'an ack pauses the escalation, its end resumes it',
    { escalation: PLAN },
    '1:crit 2:ack/8 8:tick',
    'firing firing firing',
    '1:firing 1:escalation_started 2:acknowledged 2:escalation_paused 8:ack_expired 8:escalation_resumed',
  ],
];

describe('an alert', () => {
  it('has a table of at least 40 cases', () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(40);
    expect(new Set(TABLE.map(([name]) => name)).size).toBe(TABLE.length);
  });

  it.each(TABLE)('%s', (_name, policy, script, states, told) => {
    const result = run(policy, parse(script));
    expect(result.states).toBe(states);
    expect(result.told).toBe(told);
  });

  it('says why it ended', () => {
    const reasonOf = (...script: (readonly [number, AlertInput])[]) => run({}, script).last.resolveReason;
    expect(reasonOf([1, crit], [2, ok])).toBe('recovered');
    expect(reasonOf([1, crit], [2, gone], [3, gone])).toBe('vanished');
    expect(reasonOf([1, crit], [2, absentOf('no_data', 'ok')])).toBe('no_data');
    expect(reasonOf([1, crit], [2, close])).toBe('manual');
    expect(reasonOf([1, crit], [2, ok], [3, crit])).toBeUndefined();
  });

  it('counts episodes, and keeps the figure it last saw', () => {
    const { last } = run({}, [
      [1, crit],
      [2, ok],
      [3, crit],
      [4, gone],
    ]);
    expect(last).toMatchObject({ episode: 2, missing: 1, level: 'critical', firingSince: at(3) });
    expect(last.figure).toEqual(figure(100));
  });

  it('does not change what it was given', () => {
    const state = Object.freeze(
      run({ escalation: PLAN }, [
        [1, crit],
        [2, ack(5)],
      ]).last,
    );
    const copy = structuredClone(state);
    reduceAlert(state, ok, at(9), BARE);
    expect(state).toEqual(copy);
  });

  it('resumes the escalation where it was', () => {
    const { last } = run({ escalation: PLAN }, [
      [0, crit],
      [2, ack(60)],
      [60, tick],
    ]);
    expect(last.escalation?.nextStepAt).toEqual(at(63));
  });

  it('freezes the policy when it fires', () => {
    const later: EscalationPlan = { ...PLAN, name: 'changed since' };
    const fired = reduceAlert(newAlert(at(0)), crit, at(1), { ...BARE, escalation: PLAN }).state;
    const again = reduceAlert(fired, crit, at(2), { ...BARE, escalation: later }).state;
    expect(again.escalation?.plan.name).toBe('on call');
  });

  it('knows when time alone would change it', () => {
    const of = (policy: Partial<AlertPolicy>, ...script: (readonly [number, AlertInput])[]) =>
      nextChangeAt(run(policy, script).last, { ...BARE, ...policy });
    expect(of(FOR_10, [1, crit])).toEqual(at(11));
    expect(of(KEEP_10, [1, crit], [2, ok])).toEqual(at(12));
    expect(of({}, [1, crit], [2, ack(9)], [3, snooze(7)])).toEqual(at(7));
    expect(of({}, [1, crit])).toBeUndefined();
  });
});
