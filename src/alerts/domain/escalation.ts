/** When a level is passed over: while somebody has taken the alert or put it off, or only when it is resolved. */
export const ESCALATION_CONDITIONS = ['not_acked', 'not_resolved'] as const;
export type EscalationCondition = (typeof ESCALATION_CONDITIONS)[number];

export const MAX_REPEAT = 5;

export interface EscalationLevel {
  /** After the level before; the first after the alert began to fire. */
  readonly afterMs: number;
  readonly channels: readonly string[];
  readonly condition: EscalationCondition;
}

export interface EscalationPlan {
  readonly policyId: string;
  readonly name: string;
  readonly levels: readonly EscalationLevel[];
  /** How often all levels are gone through again. */
  readonly repeat: number;
}

/** The policy as it was when the alert fired, and how far it has got. */
export interface Escalation {
  readonly plan: EscalationPlan;
  /** Steps taken, over all rounds: the next is level `step % levels`. */
  readonly step: number;
  /** null: paused by an acknowledgement, or at its end. */
  readonly nextStepAt: Date | null;
  /** While paused: what was left to wait. */
  readonly remainingMs: number | null;
}

export interface EscalationNotice {
  readonly step: number;
  readonly level: number;
  readonly channels: readonly string[];
}

const stepsOf = ({ levels, repeat }: EscalationPlan): number => levels.length * (1 + Math.min(repeat, MAX_REPEAT));

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);

/** A policy without levels never escalates. */
export const startEscalation = (plan: EscalationPlan, now: Date): Escalation => {
  const [first] = plan.levels;
  return { plan, step: 0, nextStepAt: first ? later(now, first.afterMs) : null, remainingMs: null };
};

/** Keeps what was left to wait; of one that was set going again while it was paused, what was left before. */
export const pauseEscalation = (escalation: Escalation, now: Date): Escalation => {
  const { nextStepAt, remainingMs } = escalation;
  if (nextStepAt === null) return escalation;
  return {
    ...escalation,
    nextStepAt: null,
    remainingMs: remainingMs ?? Math.max(0, nextStepAt.getTime() - now.getTime()),
  };
};

/** Goes on where it was. */
export const resumeEscalation = (escalation: Escalation, now: Date): Escalation =>
  escalation.remainingMs === null
    ? escalation
    : { ...escalation, nextStepAt: later(now, escalation.remainingMs), remainingMs: null };

/** Asks again later; the step stays the same. One that is paused, or at its end, stays so. */
export const postpone = (escalation: Escalation, ms: number, now: Date): Escalation =>
  escalation.nextStepAt === null ? escalation : { ...escalation, nextStepAt: later(now, ms) };

export interface EscalationStep {
  readonly escalation: Escalation;
  /** Absent where the level was passed over, or it was not time yet. */
  readonly notice?: EscalationNotice;
}

/**
 * Takes the step that is due. The next one counts from now: after an outage levels follow each other at their distance,
 * not all at once. No step is due afterwards, whatever the alert: else it would be asked for again at once, for ever.
 * @param alert `open`: firing or recovering; `acknowledged` and `snoozed` as they are now
 */
export const takeStep = (
  escalation: Escalation,
  alert: { readonly open: boolean; readonly acknowledged: boolean; readonly snoozed: boolean },
  now: Date,
): EscalationStep => {
  const { plan, step, nextStepAt } = escalation;
  if (nextStepAt === null || nextStepAt > now) return { escalation };
  if (!alert.open) return { escalation: { ...escalation, nextStepAt: null } };
  if (alert.acknowledged) return { escalation: pauseEscalation(escalation, now) };
  const level = step % plan.levels.length;
  const { channels, condition } = plan.levels[level]!;
  const next = step + 1 < stepsOf(plan) ? plan.levels[(step + 1) % plan.levels.length] : undefined;
  const nextAt = next ? later(now, next.afterMs) : null;
  const moved = { ...escalation, step: step + 1, nextStepAt: nextAt, remainingMs: null };
  if (condition === 'not_acked' && alert.snoozed) return { escalation: moved };
  return { escalation: moved, notice: { step, level, channels } };
};
