import { composeMessage } from './compose.js';
import type { RenderedMessage } from './message.js';
import { truncate } from './message-content.js';

/** Deliveries of this kind are the mail of all messages that were held for it. */
export const DIGEST_KIND = 'notifications.digest';

const SHOWN = 50;

/**
 * One message out of those that were held, oldest first. One alone is itself; none is nothing.
 * @param more held messages that are not among them
 */
export const composeDigest = (
  messages: readonly RenderedMessage[],
  more: number,
  publicUrl: string,
): RenderedMessage | undefined => {
  const [first] = messages;
  if (!first || (messages.length === 1 && more === 0)) return first;
  const left = more + Math.max(0, messages.length - SHOWN);
  const sections = messages.slice(0, SHOWN).map(({ subject, inbox }) => ({
    title: subject,
    lines: [{ text: truncate(inbox.body, 300), ...(inbox.href !== undefined && { href: inbox.href }) }],
  }));
  return composeMessage({
    title: `${messages.length + more} notifications`,
    summary: 'These messages came while they were held, the oldest first.',
    sections:
      left === 0
        ? sections
        : [...sections, { title: `and ${left} more`, lines: [{ text: publicUrl, href: publicUrl }] }],
    footer: 'They are in one mail because of your quiet hours or your digest: see the notification preferences.',
    webhook: { type: DIGEST_KIND, data: {} },
  });
};
