import type { MessageContent, MessageLine } from './message-content.js';

const COLOURS = { bad: '#b3261e', warning: '#b26a00', good: '#1e7b34', neutral: '#3a4a5c' } as const;
/** Mail programs cut what is longer than about 102 KB. */
const LONGEST_HTML = 90_000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For element content and quoted attributes. */
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char]!);

/** A whole document, styled in place as mail programs need it. Every text is escaped here. */
export const toHtml = (content: MessageContent): string => {
  const { title, tone = 'neutral', summary, facts = [], sections = [], actions = [], href, footer } = content;
  const [head, foot] = [
    `<h1 style="margin:0 0 12px;font-size:20px;color:${COLOURS[tone]}">${escapeHtml(title)}</h1>` +
      `<p style="margin:0 0 16px">${paragraph(summary)}</p>${table(facts)}`,
    `${buttons(actions)}${href === undefined ? '' : `<p>${link('Open in the service', href)}</p>`}` +
      (footer === undefined ? '' : `<p style="color:#667;font-size:12px">${paragraph(footer)}</p>`),
  ];
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;font:15px/1.5 Helvetica,Arial,sans-serif;color:#1d2733">
<div style="max-width:640px;margin:0 auto;padding:24px;background:#fff;border-top:4px solid ${COLOURS[tone]}">
${head}${fitting(sections, LONGEST_HTML - head.length - foot.length)}${foot}
</div></body></html>
`;
};

const link = (text: string, href: string): string => `<a href="${escapeHtml(href)}">${escapeHtml(text)}</a>`;

const line = ({ text, href }: MessageLine): string => (href === undefined ? escapeHtml(text) : link(text, href));

const paragraph = (text: string): string => escapeHtml(text).replaceAll('\n', '<br>');

const table = (facts: NonNullable<MessageContent['facts']>): string =>
  facts.length === 0
    ? ''
    : `<table style="border-collapse:collapse;margin:0 0 16px">${facts
        .map(
          (fact) =>
            `<tr><td style="padding:2px 16px 2px 0;color:#667;vertical-align:top">${escapeHtml(fact.label)}</td><td>${line(fact)}</td></tr>`,
        )
        .join('')}</table>`;

/** As many lines as there is room for; the last one says how many are left out. */
const fitting = (sections: NonNullable<MessageContent['sections']>, room: number): string => {
  let [html, left] = ['', 0];
  for (const { title, lines } of sections) {
    const items: string[] = [];
    for (const one of lines) {
      const item = `<li>${line(one)}</li>`;
      if (html.length + items.join('').length + item.length > room) left++;
      else items.push(item);
    }
    if (items.length > 0)
      html += `<h2 style="font-size:15px;margin:16px 0 4px">${escapeHtml(title)}</h2><ul style="margin:0;padding-left:20px">${items.join('')}</ul>`;
  }
  return left === 0 ? html : `${html}<p>… and ${left} more</p>`;
};

const buttons = (actions: NonNullable<MessageContent['actions']>): string =>
  actions.length === 0
    ? ''
    : `<p style="margin:20px 0">${actions
        .map(
          ({ label, href }) =>
            `<a href="${escapeHtml(href)}" style="display:inline-block;padding:8px 16px;margin:0 8px 8px 0;background:#1f5fbf;color:#fff;text-decoration:none">${escapeHtml(label)}</a>`,
        )
        .join('')}</p>`;
