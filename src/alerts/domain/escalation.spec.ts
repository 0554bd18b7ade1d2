import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Escalation,
  type EscalationPlan,
  pauseEscalation,
  postpone,
  resumeEscalation,
  startEscalation,
  takeStep,
} from './escalation.js';
import { at, MINUTE } from './testing/alerts.js';

const PLAN: EscalationPlan = {
  policyId: 'p',
  name: 'on call',
  levels: [
    { afterMs: 5 * MINUTE, channels: ['lead'], condition: 'not_acked' },
    { afterMs: 10 * MINUTE, channels: ['boss'], condition: 'not_resolved' },
  ],
  repeat: 0,
};
const started = startEscalation(PLAN, at(0));
const loud = { open: true, acknowledged: false, snoozed: false };

describe('an escalation', () => {
  it('that was paused while its step was claimed is not set going again by a mute', () => {
    const paused = pauseEscalation(started, at(3));
    expect(postpone(paused, MINUTE, at(5))).toBe(paused);
    expect(resumeEscalation(paused, at(60)).nextStepAt).toEqual(at(62));
  });

  it('that is due although the alert is acknowledged is paused, with what was left to wait', () => {
    expect(takeStep(started, { ...loud, acknowledged: true }, at(6))).toEqual({
      escalation: { ...started, nextStepAt: null, remainingMs: 0 },
    });
    // as a version before has left it behind
    const stuck: Escalation = { ...pauseEscalation(started, at(3)), nextStepAt: at(6) };
    const { escalation } = takeStep(stuck, { ...loud, acknowledged: true }, at(6));
    expect([escalation.nextStepAt, escalation.remainingMs]).toEqual([null, 2 * MINUTE]);
  });

  it('that is due although the alert is over ends', () => {
    expect(takeStep(started, { ...loud, open: false }, at(6))).toEqual({
      escalation: { ...started, nextStepAt: null },
    });
  });

  it('waits for nothing that is due already once its step is taken, whatever the alert', () => {
    const facts = fc.record({ open: fc.boolean(), acknowledged: fc.boolean(), snoozed: fc.boolean() });
    const remainingMs = fc.option(fc.nat(MINUTE));
    fc.assert(
      fc.property(facts, fc.nat(2), fc.integer({ min: 0, max: 30 }), remainingMs, (alert, step, minute, left) => {
        const due: Escalation = { plan: PLAN, step, nextStepAt: at(minute), remainingMs: left };
        const { nextStepAt } = takeStep(due, alert, at(30)).escalation;
        expect(nextStepAt === null || nextStepAt > at(30)).toBe(true);
      }),
    );
  });
});
