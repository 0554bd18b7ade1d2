import { type MessageContent, type MessageLine, truncate } from './message-content.js';

type Block = Readonly<Record<string, unknown>>;

/** Limits of Block Kit, and of a message as a whole. */
const SLACK = { header: 150, field: 2_000, fields: 10, section: 3_000, button: 75, buttons: 5, total: 12_000 };
/** A workflow takes 28 KB; the rest is for the envelope. */
const TEAMS_TOTAL = 18_000;

/** Slack's three control characters; nothing else is markup in what we send. */
export const escapeSlack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The bar is what ends a URL there. */
const slackLink = (href: string, text: string): string =>
  `<${href.replaceAll('|', '%7C')}|${escapeSlack(text).replaceAll('|', '¦')}>`;

const slackLine = ({ text, href }: MessageLine): string =>
  href === undefined ? escapeSlack(text) : slackLink(href, text);

const mrkdwn = (text: string): Block => ({ type: 'mrkdwn', text });

/** Whole lines, as many as fit into `room` characters; then how many are left out. */
const linesWithin = (lines: readonly string[], room: number): { readonly text: string; readonly left: number } => {
  const taken: string[] = [];
  let length = 0;
  for (const one of lines) {
    if (length + one.length + 1 > room) break;
    taken.push(one);
    length += one.length + 1;
  }
  return { text: taken.join('\n'), left: lines.length - taken.length };
};

/** Block Kit of at most about 12,000 characters; what does not fit is a link away. */
export const toSlackBlocks = (content: MessageContent): Block[] => {
  const { title, summary, facts = [], sections = [], actions = [], href, footer } = content;
  const blocks: Block[] = [
    { type: 'header', text: { type: 'plain_text', text: truncate(title, SLACK.header) } },
    { type: 'section', text: mrkdwn(truncate(escapeSlack(summary), SLACK.section)) },
  ];
  if (facts.length > 0) {
    const fields = facts.slice(0, SLACK.fields).map((fact) => {
      const text = `*${escapeSlack(fact.label)}*\n${slackLine({ ...fact, text: truncate(fact.text, 300) })}`;
      return mrkdwn(text.length > SLACK.field ? truncate(escapeSlack(fact.text), SLACK.field) : text);
    });
    blocks.push({ type: 'section', fields });
  }
  let left = 0;
  let room = SLACK.total - JSON.stringify(blocks).length - 1_500;
  for (const section of sections) {
    const heading = `*${escapeSlack(truncate(section.title, 200))}*`;
    const lines = section.lines.map((one) => `• ${slackLine({ ...one, text: truncate(one.text, 500) })}`);
    const fitted = linesWithin(lines, Math.min(SLACK.section - heading.length - 1, room));
    left += fitted.left;
    if (fitted.text === '') continue;
    blocks.push({ type: 'section', text: mrkdwn(`${heading}\n${fitted.text}`) });
    room -= fitted.text.length + heading.length + 60;
  }
  if (left > 0) blocks.push({ type: 'section', text: mrkdwn(moreText(left, href)) });
  if (actions.length > 0) blocks.push({ type: 'actions', elements: actions.slice(0, SLACK.buttons).map(button) });
  const last = [footer === undefined ? '' : escapeSlack(truncate(footer, 300)), href ? slackLink(href, 'Open') : ''];
  const context = last.filter((text) => text !== '').join(' · ');
  if (context !== '') blocks.push({ type: 'context', elements: [mrkdwn(context)] });
  return blocks;
};

const moreText = (left: number, href: string | undefined): string =>
  href === undefined ? `… and ${left} more` : `… and ${left} more: ${slackLink(href, 'read on')}`;

const button = ({ label, href }: { readonly label: string; readonly href: string }): Block => ({
  type: 'button',
  text: { type: 'plain_text', text: truncate(label, SLACK.button) },
  url: href,
});

const COLOURS = { bad: 'Attention', warning: 'Warning', good: 'Good', neutral: 'Default' } as const;

/** Markdown of adaptive cards: what could begin a link or an emphasis is escaped. */
const escapeCard = (text: string): string => text.replaceAll(/[\\[\]()*_`~<>#]/g, (char) => `\\${char}`);

const cardLine = ({ text, href }: MessageLine): string =>
  href === undefined ? escapeCard(text) : `[${escapeCard(text)}](${href.replaceAll(/[()]/g, encodeURIComponent)})`;

const textBlock = (text: string, more: Block = {}): Block => ({ type: 'TextBlock', text, wrap: true, ...more });

/** An adaptive card as Teams' workflows take it. */
export const toTeamsCard = (content: MessageContent): Block => {
  const { title, tone = 'neutral', summary, facts = [], sections = [], actions = [], href, footer } = content;
  const body: Block[] = [
    textBlock(escapeCard(title), { size: 'Large', weight: 'Bolder', color: COLOURS[tone] }),
    textBlock(escapeCard(truncate(summary, 3_000))),
  ];
  if (facts.length > 0)
    body.push({
      type: 'FactSet',
      facts: facts.slice(0, 20).map((fact) => ({
        title: truncate(fact.label, 100),
        value: cardLine({ ...fact, text: truncate(fact.text, 300) }),
      })),
    });
  let left = 0;
  let room = TEAMS_TOTAL - JSON.stringify(body).length;
  for (const section of sections) {
    const lines = section.lines.map((one) => `- ${cardLine({ ...one, text: truncate(one.text, 500) })}`);
    const fitted = linesWithin(lines, room);
    left += fitted.left;
    if (fitted.text === '') continue;
    body.push(textBlock(escapeCard(truncate(section.title, 200)), { weight: 'Bolder' }), textBlock(fitted.text));
    room -= fitted.text.length + 300;
  }
  if (left > 0) body.push(textBlock(`… and ${left} more`));
  if (footer !== undefined) body.push(textBlock(escapeCard(truncate(footer, 300)), { isSubtle: true, size: 'Small' }));
  const links = [...actions, ...(href === undefined ? [] : [{ label: 'Open', href }])].slice(0, 6);
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body,
    actions: links.map((one) => ({ type: 'Action.OpenUrl', title: truncate(one.label, 75), url: one.href })),
  };
};
