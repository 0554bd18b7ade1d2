import type { NoticeReason } from './notice-group.js';
import type { StoredAlert } from './stored-alert.js';

/**
 * `(alert, group, channel, reason, step)`: a message with a key that is there already is the same message. The alert is
 * `*` where a message is about a group.
 */
export const messageKey = (parts: {
  readonly alert?: string;
  readonly group?: string;
  readonly channel: string;
  readonly reason: NoticeReason;
  readonly step: number;
}): string => ['alert', parts.alert ?? '*', parts.group ?? '-', parts.channel, parts.reason, parts.step].join('|');

export const escalationKey = (alert: Pick<StoredAlert, 'alertId' | 'state'>, channel: string, step: number): string =>
  messageKey({ alert: `${alert.alertId}.${alert.state.episode}`, channel, reason: 'escalated', step });

/** Keys of everything that the escalation of an alert has sent so far. */
export const escalationKeys = (alert: Pick<StoredAlert, 'alertId' | 'state'>): string[] => {
  const { escalation } = alert.state;
  if (!escalation) return [];
  const { plan, step } = escalation;
  return Array.from({ length: step }, (_, taken) =>
    plan.levels[taken % plan.levels.length]!.channels.map((channel) => escalationKey(alert, channel, taken)),
  ).flat();
};
