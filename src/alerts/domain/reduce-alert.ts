import {
  type AlertCause,
  type AlertPolicy,
  type AlertState,
  type AlertStatus,
  type Effect,
  isAcknowledged,
  isOpen,
  isSnoozed,
  type ResolveReason,
  type Step,
  VANISHED_AFTER,
} from './alert.js';
import { pauseEscalation, resumeEscalation, startEscalation } from './escalation.js';
import type { Evaluation } from './judge.js';
import { omit } from './omit.js';
import type { Level } from './rule.js';

/** What people, the clock and the life of the rule do to an alert. */
export type AlertCommand =
  | { readonly kind: 'acknowledge'; readonly by: string; readonly until?: Date; readonly note?: string }
  | { readonly kind: 'snooze'; readonly by: string; readonly until: Date }
  | { readonly kind: 'resolve'; readonly reason: Extract<ResolveReason, 'manual' | `rule_${string}`> }
  /** Only lets time pass: acknowledgements and snoozes end. */
  | { readonly kind: 'tick' };

export type AlertInput = Evaluation | AlertCommand;

const COMMANDS: ReadonlySet<AlertInput['kind']> = new Set(['acknowledge', 'snooze', 'resolve', 'tick']);
const isCommand = (input: AlertInput): input is AlertCommand => COMMANDS.has(input.kind);

const moveTo = (
  state: AlertState,
  to: AlertStatus,
  now: Date,
  reason: string,
  changes: Partial<AlertState> = {},
): Step => {
  const next = { ...state, ...changes, status: to, since: now };
  return { state: next, effects: [{ type: 'moved', from: state.status, to, level: next.level, reason }] };
};

const then = (step: Step, more: readonly Effect[]): Step => ({ ...step, effects: [...step.effects, ...more] });

/** An episode begins: it is announced, and the escalation policy as it is now is frozen into it. */
const fire = (state: AlertState, level: Level, cause: AlertCause, policy: AlertPolicy, now: Date): Step => {
  const kept = omit(state, 'acknowledged', 'snoozed', 'escalation', 'resolvedAt', 'resolveReason');
  const escalation = policy.escalation && startEscalation(policy.escalation, now);
  const changes = { level, cause, episode: state.episode + 1, firingSince: now, ...(escalation && { escalation }) };
  const moved = moveTo(kept, 'firing', now, cause, changes);
  return then(moved, [
    { type: 'announce', what: 'firing' },
    ...(escalation ? [{ type: 'escalation_started' } as const] : []),
  ]);
};

/** Ends an episode: whatever was told is told to be over, and nothing escalates any more. */
const resolve = (state: AlertState, reason: ResolveReason, now: Date): Step => {
  const { escalation } = state;
  const kept = omit(state, 'escalation', 'acknowledged', 'snoozed');
  const moved = moveTo(kept, 'resolved', now, reason, { resolvedAt: now, resolveReason: reason });
  const ended = escalation && (escalation.nextStepAt !== null || escalation.remainingMs !== null);
  return then(moved, [
    { type: 'announce', what: 'resolved' },
    ...(ended ? [{ type: 'escalation_ended' } as const] : []),
  ]);
};

const inCooldown = ({ resolvedAt }: AlertState, { cooldownMs }: AlertPolicy, now: Date): boolean =>
  resolvedAt !== undefined && now.getTime() - resolvedAt.getTime() < cooldownMs;

const hasLasted = ({ since }: AlertState, ms: number, now: Date): boolean => now.getTime() - since.getTime() >= ms;

/** A threshold is crossed, or what is missing counts as if it were. */
const breach = (state: AlertState, level: Level, cause: AlertCause, policy: AlertPolicy, now: Date): Step => {
  switch (state.status) {
    case 'inactive':
    case 'resolved':
      if (inCooldown(state, policy, now)) return { state, effects: [] };
      return policy.forMs > 0
        ? moveTo(state, 'pending', now, cause, { level, cause })
        : fire(state, level, cause, policy, now);
    case 'pending':
      return hasLasted(state, policy.forMs, now)
        ? fire(state, level, cause, policy, now)
        : { state: { ...state, level, cause }, effects: [] };
    case 'recovering':
      return relevel(moveTo(state, 'firing', now, 'relapsed', { cause }), state.level, level);
    case 'firing':
      return relevel({ state: { ...state, cause }, effects: [] }, state.level, level);
  }
};

/** From warning to critical is news; the way back is not. */
const relevel = (step: Step, from: Level | null, to: Level): Step => {
  if (from === null || from === to) return { ...step, state: { ...step.state, level: to } };
  const changed = then({ ...step, state: { ...step.state, level: to } }, [{ type: 'level_changed', from, to }]);
  return to === 'critical' ? then(changed, [{ type: 'announce', what: 'worsened' }]) : changed;
};

/** Nothing is wrong any more; an open alert stays so for a while where the rule says so. */
const clear = (state: AlertState, reason: ResolveReason, policy: AlertPolicy, now: Date): Step => {
  switch (state.status) {
    case 'pending':
      return moveTo(state, 'inactive', now, reason);
    case 'firing':
      return policy.keepFiringForMs > 0 ? moveTo(state, 'recovering', now, reason) : resolve(state, reason, now);
    case 'recovering':
      return hasLasted(state, policy.keepFiringForMs, now) ? resolve(state, reason, now) : { state, effects: [] };
    default:
      return { state, effects: [] };
  }
};

/** Between the thresholds and the recovery threshold: nothing begins, and nothing ends. */
const linger = (state: AlertState, now: Date): Step => {
  if (state.status === 'pending') return moveTo(state, 'inactive', now, 'recovered');
  if (state.status === 'recovering') return moveTo(state, 'firing', now, 'not_recovered');
  return { state, effects: [] };
};

const vanish = (state: AlertState, now: Date): Step => {
  const missing = state.missing + 1;
  const counted = { ...state, missing };
  if (missing < VANISHED_AFTER) return { state: counted, effects: [] };
  if (state.status === 'pending') return moveTo(counted, 'inactive', now, 'vanished');
  return isOpen(state) ? resolve(counted, 'vanished', now) : { state: counted, effects: [] };
};

const absent = (
  state: AlertState,
  { kind, answer }: Extract<Evaluation, { kind: 'no_data' | 'error' }>,
  policy: AlertPolicy,
  now: Date,
): Step => {
  if (answer === 'keep_last') return { state, effects: [] };
  if (answer === 'alert') return breach(state, 'critical', kind, policy, now);
  return clear(state, kind === 'error' ? 'error_over' : 'no_data', policy, now);
};

const evaluate = (state: AlertState, evaluation: Evaluation, policy: AlertPolicy, now: Date): Step => {
  if (evaluation.kind === 'vanished') return vanish(state, now);
  if (evaluation.kind === 'no_data' || evaluation.kind === 'error') return absent(state, evaluation, policy, now);
  const present = { ...state, missing: 0, figure: evaluation.figure };
  if (evaluation.kind === 'undecided') return { state: present, effects: [] };
  if (evaluation.level !== null) return breach(present, evaluation.level, 'value', policy, now);
  // what was on because there was nothing to see needs no recovery threshold: there is something to see
  if (evaluation.cleared || state.cause !== 'value') return clear(present, 'recovered', policy, now);
  return linger(present, now);
};

const command = (state: AlertState, input: AlertCommand, now: Date): Step => {
  switch (input.kind) {
    case 'tick':
      return { state, effects: [] };
    case 'resolve':
      if (state.status === 'pending') return moveTo(state, 'inactive', now, input.reason);
      return isOpen(state) ? resolve(state, input.reason, now) : { state, effects: [] };
    case 'snooze': {
      if (!isOpen(state) || input.until <= now) return { state, effects: [] };
      const { by, until } = input;
      return { state: { ...state, snoozed: { by, at: now, until } }, effects: [{ type: 'snoozed', by, until }] };
    }
    case 'acknowledge':
      return isOpen(state) ? acknowledge(state, input, now) : { state, effects: [] };
  }
};

const acknowledge = (
  state: AlertState,
  { by, until, note }: Extract<AlertCommand, { kind: 'acknowledge' }>,
  now: Date,
): Step => {
  if (isSameAck(state.acknowledged, { by, until, note })) return { state, effects: [] };
  const details = { by, ...(until && { until }), ...(note !== undefined && { note }) };
  const { escalation } = state;
  const paused = escalation && pauseEscalation(escalation, now);
  return {
    state: { ...state, acknowledged: { ...details, at: now }, ...(paused && { escalation: paused }) },
    effects: [
      { type: 'acknowledged', ...details },
      ...(paused === escalation ? [] : [{ type: 'escalation_paused' } as const]),
    ],
  };
};

/** Who presses the button twice says nothing new. */
const isSameAck = (
  known: AlertState['acknowledged'],
  { by, until, note }: Pick<Extract<AlertCommand, { kind: 'acknowledge' }>, 'by' | 'until' | 'note'>,
): boolean =>
  known !== undefined && known.by === by && known.note === note && known.until?.getTime() === until?.getTime();

/** Acknowledgements and snoozes whose time is over end, and the escalation goes on where it was. */
const passTime = (state: AlertState, now: Date): Step => {
  let step: Step = { state, effects: [] };
  if (state.snoozed && !isSnoozed(state, now)) {
    step = { state: omit(state, 'snoozed'), effects: [{ type: 'snooze_ended' }] };
  }
  if (!state.acknowledged || isAcknowledged(state, now)) return step;
  const rest: AlertState = omit(step.state, 'acknowledged');
  const resumed = rest.escalation && resumeEscalation(rest.escalation, now);
  return then({ state: { ...rest, ...(resumed && { escalation: resumed }) }, effects: step.effects }, [
    { type: 'ack_expired' },
    ...(resumed === rest.escalation ? [] : [{ type: 'escalation_resumed' } as const]),
  ]);
};

/**
 * What becomes of an alert, and what has to be told: pure, and the only place that decides it. The same input again,
 * at the same state, has no effects: so whoever was killed half-way repeats it.
 */
export const reduceAlert = (state: AlertState, input: AlertInput, now: Date, policy: AlertPolicy): Step => {
  const passed = passTime(state, now);
  const step = isCommand(input) ? command(passed.state, input, now) : evaluate(passed.state, input, policy, now);
  return { state: step.state, effects: [...passed.effects, ...step.effects] };
};

/** When time alone would change something: `for`, `keepFiringFor`, a lapsing acknowledgement or snooze. */
export const nextChangeAt = (state: AlertState, policy: AlertPolicy): Date | undefined => {
  const times = [
    ...(state.status === 'pending' ? [state.since.getTime() + policy.forMs] : []),
    ...(state.status === 'recovering' ? [state.since.getTime() + policy.keepFiringForMs] : []),
    ...(state.acknowledged?.until ? [state.acknowledged.until.getTime()] : []),
    ...(state.snoozed ? [state.snoozed.until.getTime()] : []),
  ];
  return times.length === 0 ? undefined : new Date(Math.min(...times));
};
