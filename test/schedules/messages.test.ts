import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MessageRenderers, type RenderedMessage } from '../../src/notifications/index.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { type Bench, daily, inboxChannel, messagesOf, prepare, Probe, runsOf, withoutSchedules } from './support.js';

jest.setTimeout(180_000);

let api: TestApp;
let bench: Bench;
let org = '';
let count = 0;
let now = new Date();
const probe = new Probe();
const PUBLIC_URL = 'https://reports.example.test';
beforeAll(async () => {
  api = await startApp({ PUBLIC_URL }, 'api');
  bench = prepare(api, probe, () => now);
});
beforeEach(async () => {
  await withoutSchedules(api);
  org = `messages-${++count}`;
  now = new Date('2026-05-04T12:00:00Z');
  probe.reset();
});
afterAll(() => api.close());

const send = async (method: string, path: string, body?: unknown, claims = {}): Promise<Answer> =>
  api.request(method, path, body, { token: await api.token({ org, sub: 'ana', name: 'Ana', ...claims }) });

const FILES = [
  { name: 'größe "1".csv', contentType: 'text/csv; charset=utf-8', bytes: 7, ref: 'small' },
  { name: 'big.csv', contentType: 'text/csv', bytes: 10_000_000, ref: 'big' },
];

/** A run of a new schedule, and the messages that are stored for it. */
const ranOnce = async (more: object = {}): Promise<{ scheduleId: string; run: Loose; messages: Loose[] }> => {
  const channel = await inboxChannel(api, org, 'ops');
  const body = daily('Nightly <files>', { delivery: { channels: [channel], notifyOwner: true, ...more } });
  const { scheduleId } = (await send('POST', '/schedules', body)).body;
  probe.files.set('small', 'a;b\n1;2').set('big', 'x'.repeat(10_000_000));
  probe.doing = () => ({
    summary: '3 <b>rows</b>',
    figures: [{ label: 'Rows', value: '3', change: '+1' }],
    links: [{ title: 'Look', href: '/api/v1/execution-reporting/reports/1' }],
    files: FILES,
  });
  now = new Date('2026-05-05T06:00:01Z');
  await bench.sweeper.sweep();
  const [run] = await runsOf(api, scheduleId, await api.token({ org }));
  return { scheduleId, run, messages: await messagesOf(api, org) };
};

const render = async (message: Loose, kind: 'email' | 'slack'): Promise<RenderedMessage | undefined> =>
  api.app.get(MessageRenderers).find(message.kind)?.({
    organization: org,
    deliveryId: 'd1',
    payload: JSON.parse(message.payload),
    severity: message.severity,
    channel: { kind, name: 'ops' },
    now,
    publicUrl: PUBLIC_URL,
  });

const linkIn = (text: string, after: string): string => {
  const link = text.slice(text.indexOf(after)).match(/\((https:[^)]+)\)/)?.[1];
  return link?.replace(PUBLIC_URL, api.origin) ?? '';
};

describe('a run that made files', () => {
  it('is told to each channel and to its owner, once each', async () => {
    const { scheduleId, run, messages } = await ranOnce();
    expect(messages).toHaveLength(2);
    expect(messages.map(({ kind, user }) => [kind, user])).toEqual([
      ['schedule_run', undefined],
      ['schedule_run', 'ana'],
    ]);
    expect(messages.map(({ payload }) => JSON.parse(payload))).toEqual([
      { scheduleId, runId: run.runId },
      { scheduleId, runId: run.runId },
    ]);
    await bench.sweeper.sweep();
    expect(await messagesOf(api, org)).toHaveLength(2);
  });

  it('is told where the schedule is seen: not to who is confined to some projects', async () => {
    const seen = async (claims: object): Promise<number> =>
      (await send('GET', '/notifications/deliveries', undefined, claims)).body.items.length;
    await send('POST', '/projects', { key: 'web', name: 'Web' });
    await ranOnce();
    expect(await seen({})).toBe(2);
    expect(await seen({ projects: ['web'] })).toBe(0);
    const { body: web } = await send('POST', '/schedules', daily('Of the web', { delivery: { notifyOwner: true } }), {
      projects: ['web'],
    });
    expect((await send('POST', `/schedules/${web.scheduleId}/run`)).status).toBe(202);
    await bench.sweeper.sweep();
    expect(await seen({ projects: ['web'] })).toBe(1);
  });

  it('goes by email with the small file attached and a link to the big one; elsewhere with links', async () => {
    const { run, messages } = await ranOnce();
    const mail = (await render(messages[0], 'email'))!;
    expect(mail.attachments).toEqual([
      { filename: FILES[0]!.name, contentType: FILES[0]!.contentType, content: Buffer.from('a;b\n1;2') },
    ]);
    expect(probe.opened).toEqual(['small']);
    expect(mail.subject).toBe('Nightly <files>');
    expect(mail.text).toContain('Rows: 3 (+1)');
    expect(mail.text).toContain(`Look: ${PUBLIC_URL}/api/v1/execution-reporting/reports/1`);
    expect(mail.text).toContain('Planned for: 2026-05-05 06:00 (UTC)');
    expect(mail.html).toContain('3 &lt;b&gt;rows&lt;/b&gt;');
    expect(mail.html).not.toContain('<b>rows');
    expect(mail.webhook).toMatchObject({
      type: 'schedule.run.succeeded',
      data: { runId: run.runId, kind: 'probe', summary: '3 <b>rows</b>' },
    });
    expect(linkIn(mail.text, 'Files')).toContain('/files/1/download?');
    const slack = (await render(messages[0], 'slack'))!;
    expect(slack.attachments).toBeUndefined();
    expect(linkIn(slack.text, 'größe')).toContain('/files/0/download?');
  });

  it('attaches nothing where the schedule says so', async () => {
    const { messages } = await ranOnce({ attachFiles: false });
    expect((await render(messages[0], 'email'))!.attachments).toBeUndefined();
  });

  it('goes out without a file that was removed meanwhile, and not at all without its schedule', async () => {
    const { scheduleId, messages } = await ranOnce();
    probe.files.clear();
    const mail = (await render(messages[0], 'email'))!;
    expect(mail.attachments).toBeUndefined();
    expect(linkIn(mail.text, 'größe')).toContain('/files/0/download?');
    await send('DELETE', `/schedules/${scheduleId}`);
    expect(await render(messages[0], 'email')).toBeUndefined();
  });

  it('keeps its files in the history, for who may see the schedule', async () => {
    const { run } = await ranOnce();
    expect(run.files.map(({ name, bytes }: Loose) => [name, bytes])).toEqual(
      FILES.map(({ name, bytes }) => [name, bytes]),
    );
    const path = run.files[0].href.replace('/api/v1/execution-reporting', '');
    const file = await send('GET', path, undefined, { roles: ['viewer'] });
    expect([file.status, file.body]).toEqual([200, 'a;b\n1;2']);
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="gro_e _1_.csv"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.csv`,
    );
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    for (const index of ['2', '-1']) expect((await send('GET', path.replace(/0$/, index))).status).toBe(404);
    expect((await send('GET', path.replace(/0$/, 'x'))).status).toBe(400);
    expect((await send('GET', path, undefined, { org: 'stranger' })).status).toBe(404);
    expect((await api.get(path, { token: null })).status).toBe(401);
    probe.files.clear();
    expect((await send('GET', path)).status).toBe(404);
  });

  it.each(['history', 'link'])('is answered in parts and by its tag, from the %s', async (way) => {
    const { run, messages } = await ranOnce();
    const link = linkIn((await render(messages[0], 'slack'))!.text, 'größe');
    const authorization = `Bearer ${await api.token({ org })}`;
    const ask = async (headers: Record<string, string> = {}): Promise<Loose> => {
      const answer = await (way === 'link'
        ? fetch(link, { headers: { 'accept-encoding': 'gzip', ...headers } })
        : fetch(`${api.origin}${run.files[0].href}`, {
            headers: { 'accept-encoding': 'gzip', authorization, ...headers },
          }));
      const of = (name: string): string | null => answer.headers.get(name);
      return { status: answer.status, text: await answer.text(), range: of('content-range'), of };
    };
    const whole = await ask();
    expect([whole.status, whole.text]).toEqual([200, 'a;b\n1;2']);
    expect([whole.of('etag'), whole.of('content-length'), whole.of('accept-ranges')]).toEqual([
      ...['"small-7"', '7', 'bytes'],
    ]);
    expect([whole.of('cache-control'), whole.of('content-encoding')]).toEqual(['private, no-store', null]);
    expect(await ask({ range: 'bytes=2-4' })).toMatchObject({ status: 206, text: 'b\n1', range: 'bytes 2-4/7' });
    expect(await ask({ range: 'bytes=4-', 'if-range': '"small-7"' })).toMatchObject({ status: 206, text: '1;2' });
    expect(await ask({ range: 'bytes=4-', 'if-range': '"small-8"' })).toMatchObject({ status: 200, text: 'a;b\n1;2' });
    expect(await ask({ range: 'bytes=7-' })).toMatchObject({ status: 416, text: '', range: 'bytes */7' });
    expect(await ask({ 'if-none-match': '"small-7"' })).toMatchObject({ status: 304, text: '' });
  });

  it('is answered where it is empty, and attached', async () => {
    const { messages } = await ranOnce();
    probe.files.set('small', '');
    const link = linkIn((await render(messages[0], 'slack'))!.text, 'größe');
    const answer = await fetch(link);
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '0', '']);
    expect((await render(messages[0], 'email'))!.attachments).toMatchObject([{ content: Buffer.alloc(0) }]);
  });

  it('is in the history when its links were revoked, and by them no more', async () => {
    const { run, messages } = await ranOnce();
    const link = linkIn((await render(messages[0], 'slack'))!.text, 'größe');
    probe.revoked.add('small');
    const refused = await fetch(link);
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { code: 'link_invalid', detail: 'This link is not valid or no longer valid' },
    ]);
    const path = run.files[0].href.replace('/api/v1/execution-reporting', '');
    expect((await send('GET', path)).body).toBe('a;b\n1;2');
  });

  it('can be fetched by its link for a week by anybody who has it, and by no other link', async () => {
    const { scheduleId, messages } = await ranOnce();
    const link = linkIn((await render(messages[0], 'slack'))!.text, 'größe');
    const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
    const answer = await fetch(link);
    expect([answer.status, await answer.text()]).toEqual([200, 'a;b\n1;2']);
    const other = (text: string): string => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');
    const altered = [
      link.replace('/files/0/', '/files/1/'),
      link.replace(/expires=\d/, 'expires=9'),
      link.replace(`org=${org}`, 'org=stranger'),
      link.replace(/signature=./, other),
      link.replace(/key=./, other),
      link.replace(scheduleId, '0'.repeat(24)),
    ];
    for (const url of altered) {
      expect([url === link, await statusOf(url)]).toEqual([false, 403]);
    }
    expect(await statusOf(link.replace(/&signature=[^&]+/, ''))).toBe(422);
    now = new Date(now.getTime() + 7 * 86_400_000 + 1000);
    expect(await statusOf(link)).toBe(403);
    now = new Date('2026-05-05T06:00:01Z');
    probe.files.clear();
    expect(await statusOf(link)).toBe(403);
    await send('DELETE', `/schedules/${scheduleId}`);
    expect(await statusOf(link)).toBe(403);
  });
});

describe('a run that failed', () => {
  it('is told with its reason', async () => {
    const { scheduleId } = (await send('POST', '/schedules', daily('Nightly', { onFailure: { pauseAfter: 1 } }))).body;
    probe.doing = () => Promise.reject(new Error('a bug'));
    for (const at of ['06:00:01', '06:02:00', '06:08:00']) {
      now = new Date(`2026-05-05T${at}Z`);
      await bench.sweeper.sweep();
    }
    const [message] = await messagesOf(api, org);
    expect(message).toMatchObject({ kind: 'schedule_failed', user: 'ana', severity: 'high' });
    const rendered = (await render(message, 'email'))!;
    expect(rendered.subject).toBe('Nightly failed');
    expect(rendered.text).toContain('Paused after 1 failed runs in a row');
    expect(rendered.webhook).toMatchObject({
      type: 'schedule.run.failed',
      data: { scheduleId, error: { code: 'internal' }, failuresInRow: 1, paused: true },
    });
  });
});
