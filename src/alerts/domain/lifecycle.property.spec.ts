import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AlertPolicy, type AlertState, isAcknowledged, isOpen, isSnoozed, newAlert } from './alert.js';
import { type EscalationPlan, takeStep } from './escalation.js';
import { escalationKey, messageKey } from './message-keys.js';
import { flush, join, leave, newGroup, type NoticeGroup } from './notice-group.js';
import { type AlertInput, reduceAlert } from './reduce-alert.js';
import { DEFAULT_GROUPING } from './rule.js';
import { absentOf, at, figure, MINUTE, value } from './testing/alerts.js';

const PLAN: EscalationPlan = {
  policyId: 'p',
  name: 'on call',
  levels: [
    { afterMs: 5 * MINUTE, channels: ['lead'], condition: 'not_acked' },
    { afterMs: 10 * MINUTE, channels: ['boss', 'lead'], condition: 'not_resolved' },
  ],
  repeat: 2,
};
const ALERTS = ['a', 'b', 'c'];

/** What can happen to one alert in one minute. */
const input = fc.oneof<fc.Arbitrary<(minute: number) => AlertInput>[]>(
  ...[value('critical'), value('warning'), value(null), value(null, false)].map((one) => fc.constant(() => one)),
  fc.constant(() => ({ kind: 'undecided', figure: figure(1) }) as const),
  fc.constant(() => ({ kind: 'vanished' }) as const),
  ...(['ok', 'alert', 'keep_last'] as const).map((answer) => fc.constant(() => absentOf('no_data', answer))),
  fc.constant(() => ({ kind: 'tick' }) as const),
  fc.constant(() => ({ kind: 'resolve', reason: 'manual' }) as const),
  fc.nat(30).map((ahead) => (minute: number) => ({ kind: 'snooze', by: 'ann', until: at(minute + ahead) }) as const),
  fc
    .option(fc.integer({ min: 1, max: 40 }))
    .map(
      (ahead) => (minute: number) =>
        ({ kind: 'acknowledge', by: 'ann', ...(ahead !== null && { until: at(minute + ahead) }) }) as const,
    ),
);

const step = fc.record({
  minutes: fc.integer({ min: 0, max: 12 }),
  alert: fc.constantFrom(...ALERTS),
  input,
  muted: fc.boolean(),
});

const policy = fc.record({
  forMs: fc.constantFrom(0, 5 * MINUTE),
  keepFiringForMs: fc.constantFrom(0, 5 * MINUTE),
  cooldownMs: fc.constantFrom(0, 10 * MINUTE),
  escalation: fc.constant(PLAN),
});

interface Sent {
  readonly key: string;
  readonly minute: number;
  readonly reason: string;
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** The reducer, the group and the escalation together, as the services drive them. */
class World {
  readonly states = new Map<string, AlertState>(ALERTS.map((id) => [id, newAlert(at(0))]));
  readonly sent: Sent[] = [];
  group: NoticeGroup = newGroup(DEFAULT_GROUPING);
  /** Episodes that a message has told to be on, and not yet to be over. */
  readonly told = new Set<string>();

  constructor(private readonly policy: AlertPolicy) {}

  apply(alertId: string, change: AlertInput, minute: number): void {
    const { state, effects } = reduceAlert(this.states.get(alertId)!, change, at(minute), this.policy);
    this.states.set(alertId, state);
    const member = { alertId, episode: state.episode, level: state.level ?? ('critical' as const) };
    for (const effect of effects) {
      if (effect.type !== 'announce') continue;
      this.group = effect.what === 'resolved' ? leave(this.group, member) : join(this.group, member, at(minute));
    }
  }

  sweep(minute: number, muted: boolean): void {
    for (const alertId of ALERTS) this.apply(alertId, { kind: 'tick' }, minute);
    const factsOf = ({ alertId }: { alertId: string }) => {
      const state = this.states.get(alertId)!;
      return { muted: muted || isSnoozed(state, at(minute)), acknowledged: isAcknowledged(state, at(minute)) };
    };
    const { group, notice } = flush(this.group, factsOf, at(minute));
    this.group = group;
    if (notice) {
      const { reason, step: number, firing, resolved } = notice;
      const names = (members: typeof firing) => members.map(({ alertId, episode }) => `${alertId}.${episode}`);
      const key = messageKey({ group: 'g', channel: 'c', reason, step: number });
      this.sent.push({ key, minute, reason, firing: names(firing), resolved: names(resolved) });
    }
    if (!muted) for (const alertId of ALERTS) this.escalate(alertId, minute);
  }

  private escalate(alertId: string, minute: number): void {
    const state = this.states.get(alertId)!;
    if (!state.escalation) return;
    const facts = {
      open: isOpen(state),
      acknowledged: isAcknowledged(state, at(minute)),
      snoozed: isSnoozed(state, at(minute)),
    };
    const { escalation, notice } = takeStep(state.escalation, facts, at(minute));
    this.states.set(alertId, { ...state, escalation });
    for (const channel of notice?.channels ?? []) {
      const key = escalationKey({ alertId, state }, channel, notice!.step);
      this.sent.push({ key, minute, reason: 'escalated', firing: [`${alertId}.${state.episode}`], resolved: [] });
    }
  }
}

describe('whatever happens to alerts', () => {
  it('no message comes without a reason, none twice, nothing is told of what is not on, and an ack stops escalation', () => {
    fc.assert(
      fc.property(policy, fc.array(step, { maxLength: 80 }), (rules, steps) => {
        const world = new World(rules);
        let minute = 0;
        for (const one of steps) {
          minute += one.minutes;
          world.apply(one.alert, one.input(minute), minute);
          const before = world.sent.length;
          world.sweep(minute, one.muted);
          for (const message of world.sent.slice(before)) {
            // a reason: something is listed, and what is listed as firing fires in that very episode
            expect(message.firing.length + message.resolved.length).toBeGreaterThan(0);
            expect(one.muted).toBe(false);
            for (const name of message.firing) {
              const [alertId = '', episode] = name.split('.');
              const state = world.states.get(alertId)!;
              expect([isOpen(state), String(state.episode)]).toEqual([true, episode]);
              if (message.reason === 'escalated' || message.reason === 'repeat')
                expect(isAcknowledged(state, at(minute))).toBe(false);
              world.told.add(name);
            }
            // an end is told of what was told to be on, once
            for (const name of message.resolved) expect(world.told.delete(name)).toBe(true);
          }
        }
        const keys = world.sent.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 400 },
    );
  });

  it('every alert that stays on and loud is told of within the wait of its group, or its interval', () => {
    fc.assert(
      fc.property(policy, fc.array(step, { maxLength: 40 }), (rules, steps) => {
        const world = new World({ ...rules, forMs: 0 });
        let minute = 0;
        for (const one of steps) {
          minute += one.minutes;
          world.apply(one.alert, one.input(minute), minute);
          world.sweep(minute, one.muted);
        }
        const on = ALERTS.filter(
          (id) => isOpen(world.states.get(id)!) && !isSnoozed(world.states.get(id)!, at(minute)),
        );
        for (let later = 0; later <= 6; later++) world.sweep(minute + later, false);
        const told = new Set(world.sent.flatMap(({ firing }) => firing));
        for (const id of on) expect(told.has(`${id}.${world.states.get(id)!.episode}`)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('the same evaluation again changes nothing', () => {
    fc.assert(
      fc.property(
        policy,
        fc.array(fc.tuple(fc.nat(10), input), { maxLength: 40 }),
        fc.constantFrom(...(['critical', 'warning', null] as const)),
        (rules, steps, level) => {
          let state = newAlert(at(0));
          let minute = 0;
          for (const [minutes, make] of steps) {
            minute += minutes;
            state = reduceAlert(state, make(minute), at(minute), rules).state;
          }
          // where it clears with nothing to wait for, the second is of an alert that is over
          const once = reduceAlert(state, value(level), at(minute), rules);
          expect(reduceAlert(once.state, value(level), at(minute), rules).effects).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});
