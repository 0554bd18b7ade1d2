import { escapeHtml } from '../../notifications/index.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import type { LinkAction } from './action-links.service.js';

const ASK: Readonly<Record<LinkAction, string>> = {
  acknowledge: 'Acknowledge this alert',
  snooze: 'Snooze this alert for 4 hours',
  resolve: 'Resolve this alert',
};

const DONE: Readonly<Record<LinkAction, string>> = {
  acknowledge: 'Acknowledged: its escalation has stopped.',
  snooze: 'Snoozed for 4 hours.',
  resolve: 'Resolved.',
};

/** A page without scripts; every text is escaped. */
const page = (title: string, body: string): string => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="robots" content="noindex,nofollow">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)}</title></head>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#1d2733">
<h1 style="font-size:1.4rem">${escapeHtml(title)}</h1>
${body}
</body></html>
`;

const facts = ({ ruleName, groupText, severity, state }: StoredAlert): string =>
  [
    ['Alert', ruleName],
    ...(groupText === '' ? [] : [['Of', groupText]]),
    ['Severity', severity],
    ['State', state.status],
    ['Since', (state.firingSince ?? state.since).toISOString()],
  ]
    .map(([label = '', text = '']) => `<p><b>${escapeHtml(label)}:</b> ${escapeHtml(text)}</p>`)
    .join('\n');

/** Mail programs and scanners open links: opening asks, and only the button acts. */
export const askPage = (alert: StoredAlert, action: LinkAction): string =>
  page(
    `${ASK[action]}?`,
    `${facts(alert)}
<form method="post" enctype="text/plain"><button style="font:inherit;padding:.6rem 1.4rem">${escapeHtml(ASK[action])}</button></form>`,
  );

export const donePage = (alert: StoredAlert, action: LinkAction): string => page(DONE[action], facts(alert));

export const overPage = (alert: StoredAlert): string => page('There is nothing to do any more', facts(alert));
