import type { RenderedMessage } from './message.js';
import { type MessageContent, type MessageLine, oneLine, truncate } from './message-content.js';
import { toHtml } from './compose-html.js';
import { toSlackBlocks, toTeamsCard } from './compose-cards.js';

const LONGEST_TITLE = 200;
const LONGEST_TEXT = 100_000;
const LONGEST_INBOX_BODY = 1_000;

/** Every form of a message. Links that are not http or https are left out. */
export const composeMessage = (content: MessageContent): RenderedMessage => {
  const safe = withSafeLinks({ ...content, title: truncate(oneLine(content.title), LONGEST_TITLE) });
  return {
    subject: safe.title,
    text: truncate(toText(safe), LONGEST_TEXT),
    html: toHtml(safe),
    slackBlocks: toSlackBlocks(safe),
    teamsCard: toTeamsCard(safe),
    webhook: safe.webhook,
    inbox: {
      title: safe.title,
      body: truncate(safe.summary, LONGEST_INBOX_BODY),
      ...(safe.href !== undefined && { href: safe.href }),
    },
    ...(safe.attachments && { attachments: safe.attachments }),
  };
};

const isWebLink = (href: string | undefined): href is string =>
  href !== undefined && /^https?:\/\/[^\s"<>]+$/i.test(href);

const withSafeLinks = (content: MessageContent): MessageContent => {
  const line = <T extends MessageLine>({ href, ...rest }: T) => ({ ...rest, ...(isWebLink(href) && { href }) });
  const { href, facts = [], sections = [], actions = [], ...rest } = content;
  return {
    ...rest,
    facts: facts.map(line),
    sections: sections.map(({ title, lines }) => ({ title, lines: lines.map(line) })),
    actions: actions.filter((action) => isWebLink(action.href)),
    ...(isWebLink(href) && { href }),
  };
};

const toText = ({ title, summary, facts = [], sections = [], actions = [], href, footer }: MessageContent): string => {
  const withLink = ({ text, href: to }: MessageLine): string => (to === undefined ? text : `${text} (${to})`);
  const parts = [
    title,
    summary,
    facts.map((fact) => `${fact.label}: ${withLink(fact)}`).join('\n'),
    ...sections.map((section) => [`${section.title}:`, ...section.lines.map((one) => `- ${withLink(one)}`)].join('\n')),
    actions.map(({ label, href: to }) => `${label}: ${to}`).join('\n'),
    href ?? '',
    footer === undefined ? '' : `--\n${footer}`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
};
