import { escapeHtml } from '../../notifications/index.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import type { ButtonAction, LinkAction } from './action-links.service.js';

/** The one field of the form of a comment. */
export const COMMENT_FIELD = 'text';
export const COMMENT_LENGTH = 5_000;

const ASK: Readonly<Record<LinkAction, string>> = {
  acknowledge: 'Acknowledge this alert',
  snooze: 'Snooze this alert for 4 hours',
  resolve: 'Resolve this alert',
  comment: 'Comment on this alert',
};

const DONE: Readonly<Record<LinkAction, string>> = {
  acknowledge: 'Acknowledged: its escalation has stopped.',
  snooze: 'Snoozed for 4 hours.',
  resolve: 'Resolved.',
  comment: 'Noted in the timeline of the alert.',
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

/** It sends nothing: that it is pressed is all there is to say. */
const button = (action: ButtonAction): string =>
  `<form method="post" enctype="text/plain"><button style="font:inherit;padding:.6rem 1.4rem">${escapeHtml(ASK[action])}</button></form>`;

const commentForm = (): string =>
  `<form method="post" enctype="text/plain">
<p><label for="${COMMENT_FIELD}">Comment</label><br>
<textarea id="${COMMENT_FIELD}" name="${COMMENT_FIELD}" required maxlength="${COMMENT_LENGTH}" rows="6" style="font:inherit;width:100%"></textarea></p>
<button style="font:inherit;padding:.6rem 1.4rem">${escapeHtml(ASK.comment)}</button></form>`;

/** Mail programs and scanners open links: opening asks, and only the button acts. */
export const askPage = (alert: StoredAlert, action: LinkAction): string =>
  page(`${ASK[action]}?`, `${facts(alert)}\n${action === 'comment' ? commentForm() : button(action)}`);

export const donePage = (alert: StoredAlert, action: LinkAction): string => page(DONE[action], facts(alert));

export const commentedPage = (alert: StoredAlert, text: string): string =>
  page(DONE.comment, `${facts(alert)}\n<blockquote style="white-space:pre-wrap">${escapeHtml(text)}</blockquote>`);

export const overPage = (alert: StoredAlert): string => page('There is nothing to do any more', facts(alert));
