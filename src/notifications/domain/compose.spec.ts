import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { composeMessage } from './compose.js';
import { composeDigest } from './digest.js';
import type { MessageContent } from './message-content.js';
import { oneLine, truncate } from './message-content.js';

const content: MessageContent = {
  title: 'Pass rate of web fell below 90 %',
  tone: 'bad',
  summary: 'It is 84 %, expected are 95 to 99 %.',
  facts: [
    { label: 'Since', text: '2026-06-30 12:00 UTC' },
    { label: 'Run', text: '#812', href: 'https://reports.example.com/runs/812' },
  ],
  sections: [
    { title: 'New failures', lines: [{ text: 'pays <with> a & b', href: 'https://reports.example.com/t/1' }] },
  ],
  actions: [{ label: 'Acknowledge', href: 'https://reports.example.com/ack?x=1&y=2' }],
  href: 'https://reports.example.com/alerts/1',
  footer: 'You get this since you are on the channel "qa".',
  webhook: { type: 'alert.firing', data: { id: '1' } },
};

describe('composeMessage', () => {
  const message = composeMessage(content);

  it('makes text', () => {
    expect(message.text).toBe(`Pass rate of web fell below 90 %

It is 84 %, expected are 95 to 99 %.

Since: 2026-06-30 12:00 UTC
Run: #812 (https://reports.example.com/runs/812)

New failures:
- pays <with> a & b (https://reports.example.com/t/1)

Acknowledge: https://reports.example.com/ack?x=1&y=2

https://reports.example.com/alerts/1

--
You get this since you are on the channel "qa".
`);
  });

  it('makes HTML in which every text is escaped', () => {
    expect(message.html).toContain('<a href="https://reports.example.com/t/1">pays &lt;with&gt; a &amp; b</a>');
    expect(message.html).toContain('href="https://reports.example.com/ack?x=1&amp;y=2"');
    expect(message.html).toContain('channel &quot;qa&quot;');
  });

  it('makes blocks for Slack and a card for Teams', () => {
    expect(message.slackBlocks.map(({ type }) => type)).toEqual([
      'header',
      'section',
      'section',
      'section',
      'actions',
      'context',
    ]);
    expect(message.slackBlocks[3]).toEqual({
      type: 'section',
      text: {
        type: 'mrkdwn',
        text: '*New failures*\n• <https://reports.example.com/t/1|pays &lt;with&gt; a &amp; b>',
      },
    });
    expect(message.teamsCard).toMatchObject({
      type: 'AdaptiveCard',
      body: [
        { type: 'TextBlock', text: content.title, color: 'Attention' },
        { type: 'TextBlock' },
        { type: 'FactSet', facts: [{ title: 'Since' }, { value: '[\\#812](https://reports.example.com/runs/812)' }] },
        { text: 'New failures' },
        { text: '- [pays \\<with\\> a & b](https://reports.example.com/t/1)' },
        { isSubtle: true },
      ],
      actions: [{ title: 'Acknowledge' }, { title: 'Open' }],
    });
  });

  it('leaves out links that are none of the web', () => {
    const hostile = composeMessage({
      ...content,
      href: 'javascript:alert(1)',
      actions: [{ label: 'Click', href: 'data:text/html,x' }],
      facts: [{ label: 'Run', text: 'x', href: 'https://a.example/"onclick="alert(1)' }],
    });
    expect(JSON.stringify(hostile)).not.toMatch(/javascript:|data:text|onclick/);
  });

  it('says no more than fits, and leads to the rest', () => {
    const lines = Array.from({ length: 3_000 }, (_, i) => ({ text: `test ${i} ${'x'.repeat(60)}` }));
    const long = composeMessage({
      ...content,
      sections: [1, 2, 3, 4, 5, 6].map((n) => ({ title: `Suite ${n}`, lines })),
    });
    expect(JSON.stringify(long.slackBlocks).length).toBeLessThan(12_500);
    expect(JSON.stringify(long.slackBlocks)).toMatch(
      /and \d+ more: <https:\/\/reports\.example\.com\/alerts\/1\|read on>/,
    );
    expect(JSON.stringify(long.teamsCard).length).toBeLessThan(25_000);
    expect(long.html.length).toBeLessThan(102_000);
    expect(long.html).toMatch(/and \d+ more/);
  });

  it('has a subject of one line, and no tag that came in with a text, whatever the texts are', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('<script>', '"><img src=x>', 'a\r\nBcc: b', '&lt;'),
    );
    fc.assert(
      fc.property(text, text, text, (title, summary, line) => {
        const { subject, html } = composeMessage({
          ...content,
          title,
          summary,
          sections: [{ title, lines: [{ text: line }] }],
        });
        expect(subject).not.toMatch(/[\r\n]/);
        expect(html).not.toMatch(/<script|<img/);
      }),
    );
  });
});

describe('composeDigest', () => {
  const message = composeMessage(content);

  it('is the message itself where there is one, and nothing where there is none', () => {
    expect(composeDigest([message], 0, 'https://x.example')).toBe(message);
    expect(composeDigest([], 0, 'https://x.example')).toBeUndefined();
  });

  it('lists what was held, and says how many more there are', () => {
    const digest = composeDigest(
      Array.from({ length: 60 }, () => message),
      5,
      'https://x.example',
    )!;
    expect(digest.subject).toBe('65 notifications');
    expect(digest.text.match(/Pass rate of web/g)).toHaveLength(50);
    expect(digest.text).toContain('and 15 more');
  });
});

describe('texts', () => {
  it('are cut between characters', () => {
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncate('abcd', 3)).toBe('ab…');
    expect(truncate('ab😀d', 4)).toBe('ab…');
    expect(oneLine(' a\r\n\tb\u2028c ')).toBe('a b c');
  });
});
