import { Injectable } from '@nestjs/common';
import type { ClientSession } from 'mongoose';
import { failpoint } from '../../common/index.js';
import { Outbox, type OutgoingMessage } from '../../notifications/index.js';
import { isAcknowledged, isOpen, isSnoozed } from '../domain/alert.js';
import {
  type Escalation,
  type EscalationNotice,
  type EscalationStep,
  postpone,
  takeStep,
} from '../domain/escalation.js';
import { escalationKey } from '../domain/message-keys.js';
import { isWide, type StoredAlert } from '../domain/stored-alert.js';
import { AlertFeed } from '../evaluation/alert-feed.js';
import { AlertWriter, ChangedMeanwhile } from '../evaluation/alert-writer.service.js';
import { AlertsRepository, type ClaimedAlert } from '../persistence/alerts.repository.js';
import { TimelineRepository } from '../persistence/timeline.repository.js';
import { ALERT_MESSAGE, type AlertMessage } from './alert-message.js';
import { MutesService } from './mutes.service.js';

const LEASE_MS = 30_000;
const STEPS_AT_ONCE = 200;
/** A silenced alert is asked about again this much later. */
const MUTED_WAIT_MS = 60_000;

/**
 * Takes the steps of escalations. A step is claimed with a token that goes up; whoever was paused with an older one
 * cannot write any more. Whether somebody has acknowledged is looked at in the transaction that enqueues the messages, and
 * once more when they are rendered.
 */
@Injectable()
export class Escalator {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly timeline: TimelineRepository,
    private readonly mutes: MutesService,
    private readonly writer: AlertWriter,
    private readonly outbox: Outbox,
    private readonly feed: AlertFeed,
  ) {}

  /** Takes what is due, and what got stuck because its worker died. @returns how many steps */
  async sweep(now: Date): Promise<number> {
    for (let taken = 0; ; taken++) {
      const claim = taken < STEPS_AT_ONCE ? await this.alerts.claimStep(now, LEASE_MS) : undefined;
      if (!claim) return taken;
      failpoint('escalation-claimed');
      await this.take(claim, now);
    }
  }

  /** Takes a claimed step; nothing happens where a later claim has it by now. */
  async take({ alert, token }: ClaimedAlert, now: Date): Promise<void> {
    const book = await this.mutes.book(alert.organization, now);
    try {
      const after = await this.writer.transaction(async (session) => {
        const current = await this.alerts.claimed(alert.alertId, token, session);
        if (!current?.state.escalation) return undefined;
        const { escalation } = current.state;
        const facts = {
          open: isOpen(current.state),
          acknowledged: isAcknowledged(current.state, now),
          snoozed: isSnoozed(current.state, now),
        };
        const waits = facts.open && !facts.acknowledged && book.of(current) !== undefined;
        const step: EscalationStep = waits
          ? { escalation: postpone(escalation, MUTED_WAIT_MS, now) }
          : takeStep(escalation, facts, now);
        if (step.notice) await this.enqueue(session, current, escalation, step.notice, now);
        return step.escalation === escalation ? undefined : this.store(session, current, step.escalation);
      });
      if (after) this.feed.changed([after]);
    } catch (error) {
      // the alert was written meanwhile: its step comes again when the claim has run out
      if (!(error instanceof ChangedMeanwhile)) throw error;
    }
  }

  private async store(session: ClientSession, alert: StoredAlert, escalation: Escalation): Promise<StoredAlert> {
    const after = { ...alert, state: { ...alert.state, escalation }, version: alert.version + 1 };
    if (!(await this.alerts.write([after], session))) throw new ChangedMeanwhile();
    return after;
  }

  private async enqueue(
    session: ClientSession,
    alert: StoredAlert,
    { plan }: Escalation,
    { step, level, channels }: EscalationNotice,
    now: Date,
  ): Promise<void> {
    const { alertId, organization, severity, projects, state } = alert;
    const payload: AlertMessage = {
      reason: 'escalated',
      labels: {},
      firing: [{ alertId, episode: state.episode }],
      resolved: [],
      counts: { firing: 1, resolved: 0, open: 1 },
      escalation: { policy: plan.name, level: level + 1 },
    };
    const messages = channels.map((channelId): OutgoingMessage => ({
      ...{ organization, kind: ALERT_MESSAGE, channelId, severity, projects, wide: isWide(alert) },
      payload: { ...payload },
      dedupeKey: escalationKey(alert, channelId, step),
    }));
    await this.outbox.enqueue(messages, session);
    const details = { policy: plan.name, level: level + 1, channels };
    await this.timeline.append(
      [{ alert, entry: { at: now, kind: 'escalated', episode: state.episode, details } }],
      session,
    );
  }
}
