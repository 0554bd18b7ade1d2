import { describe, expect, it } from '@jest/globals';
import { composeMessage } from '../../notifications/index.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { at, figure } from '../domain/testing/alerts.js';
import { storedAlert } from '../domain/testing/stored-alerts.js';
import type { AlertMessage } from '../notices/alert-message.js';
import { askPage, commentedPage, donePage, overPage } from './action-page.js';
import { alertContent, type DescribedAlert } from './alert-content.js';

const HOSTILE = '"><img src=x onerror=alert(1)>\'<script>alert(2)</script>\r\nBcc: all@example.org';
const culprit = {
  runId: 'run1',
  runName: 'nightly',
  commit: 'abc123',
  error: 'expected 200 to equal 503',
  testName: 'pays',
};

const described = (alert: StoredAlert, more: Partial<DescribedAlert> = {}): DescribedAlert => ({
  alert,
  condition: 'below',
  unit: 'ratio',
  links: {
    alert: `https://reports.example.org/alerts/${alert.alertId}`,
    run: 'https://reports.example.org/runs/run1',
    report: 'https://reports.example.org/reports/r1',
    drilldown: 'https://reports.example.org/reports/r1/drilldown',
    acknowledge: 'https://reports.example.org/ack?signature=s&org=demo',
    snooze: 'https://reports.example.org/snooze?signature=s&org=demo',
    resolve: 'https://reports.example.org/resolve?signature=s&org=demo',
    comment: 'https://reports.example.org/comment?signature=s&org=demo',
  },
  ...more,
});

const resolved = (id: string): StoredAlert => {
  const alert = storedAlert(id, culprit);
  const { state } = alert;
  return { ...alert, state: { ...state, status: 'resolved', resolvedAt: at(30), resolveReason: 'recovered' } };
};

const messageOf = (
  reason: AlertMessage['reason'],
  firing: StoredAlert[],
  over: StoredAlert[],
  more: Partial<AlertMessage> = {},
) =>
  composeMessage(
    alertContent({
      message: {
        ...{ reason, labels: { rule: 'Pass rate' }, firing: [], resolved: [] },
        counts: { firing: firing.length, resolved: over.length, open: firing.length },
        ...more,
      },
      firing: firing.map((alert) => described(alert, { shared: '2 other alerts, by the same commit abc123' })),
      resolved: over.map((alert) => described(alert)),
      now: at(30),
      href: 'https://reports.example.org/alerts/status',
    }),
  );

describe('a message about alerts', () => {
  it('of one alert says what, since when, how bad, who is behind it, and what to do', () => {
    expect(messageOf('first', [storedAlert('a', culprit)], [])).toMatchSnapshot();
  });

  it('of several lists them', () => {
    const { text, subject } = messageOf('new_in_group', [storedAlert('a', culprit), storedAlert('b')], [resolved('c')]);
    expect({ subject, text }).toMatchSnapshot();
  });

  it('that comes late says what has become of it', () => {
    const { state } = storedAlert('a');
    const lingering = storedAlert('a', undefined, 0, {
      state: { ...state, figure: { ...figure(40), value: 1, measure: 1 } },
    });
    expect(messageOf('first', [lingering], []).text).toContain('Was below 90 %; now 100 %, not recovered yet.');
    const late = messageOf('first', [resolved('a')], []);
    expect(late.text).toContain('Was below 90 %; over by now.');
    expect(late.webhook.data).toMatchObject({ firing: [{ text: 'was below 90 %; over by now' }] });
  });

  it('of an end says why', () => {
    const { text, subject, webhook } = messageOf('all_resolved', [], [resolved('a')]);
    expect({ subject, text, type: webhook.type }).toMatchSnapshot();
  });

  it('of an escalation says that nobody has acknowledged', () => {
    const { text } = messageOf('escalated', [storedAlert('a', culprit)], [], {
      escalation: { policy: 'On call', level: 2 },
    });
    expect(text).toMatchSnapshot();
  });

  it('stays small for a webhook, and inside of what Slack takes', () => {
    const many = Array.from({ length: 20 }, (_, i) => storedAlert(`a${i}`, { ...culprit, error: 'ü'.repeat(900) }));
    const message = messageOf('first', many, [resolved('z')]);
    expect(Buffer.byteLength(JSON.stringify(message.webhook))).toBeLessThan(19_000);
    const listed = message.webhook.data.firing as { readonly alertId: string }[];
    expect(listed.map(({ alertId }) => alertId)).toEqual(many.slice(0, listed.length).map(({ alertId }) => alertId));
    expect(listed.length).toBeGreaterThan(4);
    expect(messageOf('first', many.slice(0, 4), [resolved('z')]).webhook.data.resolved).toHaveLength(1);
    expect(JSON.stringify(message.slackBlocks).length).toBeLessThan(13_000);
  });

  it('injects nothing, whatever tests, rules, errors and branches are called', () => {
    const alert = storedAlert(
      'a',
      { ...culprit, runName: HOSTILE, error: HOSTILE, testName: HOSTILE, commit: HOSTILE, branch: HOSTILE },
      0,
      {
        ruleName: HOSTILE,
        groupText: `suite ${HOSTILE}`,
      },
    );
    const message = messageOf('first', [alert, { ...alert, alertId: 'b' }], [{ ...resolved('c'), ruleName: HOSTILE }]);
    const pages = [
      askPage(alert, 'comment'),
      commentedPage(alert, HOSTILE),
      donePage(alert, 'snooze'),
      overPage(alert),
    ];
    for (const html of [message.html, askPage(alert, 'acknowledge'), ...pages]) {
      expect(html).not.toMatch(/<script|<img|javascript:/i);
      expect(html).toContain('&lt;script&gt;');
    }
    expect(message.subject).not.toMatch(/[\r\n]/);
    // the header is plain text, which Slack does not interpret
    expect(JSON.stringify(message.slackBlocks.slice(1))).not.toContain('<script');
    expect(message.text).not.toContain('\nBcc:');
    expect(JSON.stringify(message.teamsCard)).not.toMatch(/[^\\]<script/);
  });

  it('asks by a form without scripts', () => {
    expect(askPage(storedAlert('a'), 'acknowledge')).toMatchSnapshot();
    expect(askPage(storedAlert('a'), 'comment')).toMatchSnapshot();
  });
});
