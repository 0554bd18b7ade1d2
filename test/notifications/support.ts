import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, createServer as listenOn } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, jest } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { Clock } from '../../src/common/index.js';
import {
  composeMessage,
  MessageRenderers,
  type OutgoingMessage,
  Outbox,
  type RenderContext,
} from '../../src/notifications/index.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const PATIENCE_MS = 60_000;
// of each test in a file that uses this: above the sum of what it may wait for
jest.setTimeout(300_000);

export interface Taken {
  /** By the clock of the service. */
  readonly at: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The answer waits for it. */
  readonly after?: Promise<unknown>;
}

/** Waits until it holds, a minute at most. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await holds()) return;
    await sleep(20);
  }
  expect(await holds()).toBe(true);
};

/**
 * A port for a server that goes away and comes back. Below those that the system gives out by itself (from 32768 on), so
 * that no connection and no other server gets it meanwhile.
 */
export const lastingPort = async (): Promise<number> => {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = listenOn();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => {
        resolve(false);
      });
      probe.listen(port, '127.0.0.1', () => {
        resolve(true);
      });
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
};

/** A clock that stands until it is moved. */
export class TestClock {
  private ms = Date.now();
  readonly now = (): Date => new Date(this.ms);
  move(ms: number): void {
    this.ms += ms;
  }
}

/** A receiver of webhooks that answers as it is told. Whatever was not wanted fails the test. */
export class Collector {
  readonly taken: Taken[] = [];
  reply: (taken: Taken, count: number) => Reply = () => ({ status: 204 });
  private server: Server;

  constructor(private readonly clock: Pick<TestClock, 'now'>) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { url: path = '', headers } = request;
        const taken = { at: this.clock.now().getTime(), path, headers, body: Buffer.concat(chunks).toString() };
        this.taken.push(taken);
        const { status, headers: answer = {}, body, after = Promise.resolve() } = this.reply(taken, this.taken.length);
        void after.then(() => response.writeHead(status, answer).end(body));
      });
    });
    // a kept connection that is closed just when it is used again would be a failed attempt
    this.server.keepAliveTimeout = 0;
  }

  async start(port = 0): Promise<this> {
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  of(path: string): Taken[] {
    return this.taken.filter((one) => one.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

const SMTP_PROCESS = `
import { SMTPServer } from 'smtp-server';
const server = new SMTPServer({
  authOptional: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true,
  onAuth: (auth, session, done) => auth.username === 'reports' && auth.password === 'right password'
    ? done(null, { user: auth.username }) : done(new Error('wrong')),
  onRcptTo: (address, session, done) => address.address.startsWith('nobody@')
    ? done(Object.assign(new Error('no such user'), { responseCode: 550 }))
    : setTimeout(done, Number(/^slow-(\\d+)@/.exec(address.address)?.[1] ?? 0)),
  onData: (stream, session, done) => {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      console.log(JSON.stringify({ to, user: session.user ?? null, session: session.id, raw: Buffer.concat(chunks).toString('base64') }));
      done();
    });
  },
});
server.listen(Number(process.argv[1] ?? 0), '127.0.0.1', () => console.log(JSON.stringify({ port: server.server.address().port })));
`;

export interface TakenMail {
  readonly to: readonly string[];
  readonly user: string | null;
  /** Of the connection. */
  readonly session: string;
  readonly mail: ParsedMail;
}

/** A real SMTP server in a process of its own; it takes a second for an address such as slow-1000@example.com. */
export class MailCollector {
  readonly taken: TakenMail[] = [];
  port = 0;
  private child: ChildProcess | undefined;

  async start(port = 0): Promise<this> {
    const args = ['--input-type=module', '-e', SMTP_PROCESS, String(port)];
    this.child = spawn(process.execPath, args, { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.child.stdout! });
    lines.on('line', (line) => void this.take(JSON.parse(line)));
    await until(() => this.port > 0);
    return this;
  }

  async stop(): Promise<void> {
    this.child?.kill('SIGKILL');
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  private async take({ port, to, user, session, raw }: Loose): Promise<void> {
    if (port !== undefined) {
      this.port = port;
      return;
    }
    this.taken.push({ to, user, session, mail: await simpleParser(Buffer.from(raw, 'base64')) });
  }
}

/** The service with a clock that stands, a renderer of messages `note` and short ways to its API. */
export interface World {
  readonly app: TestApp;
  readonly clock: TestClock;
  readonly org: string;
  send(method: string, path: string, body?: unknown, claims?: Loose): Promise<Answer>;
  get(path: string, claims?: Loose): Promise<Answer>;
  /** @returns its id */
  channel(kind: string, input: unknown, more?: Loose): Promise<Loose>;
  enqueue(messages: readonly Partial<OutgoingMessage>[]): Promise<number>;
  deliveries(query?: string): Promise<Loose[]>;
}

let worlds = 0;

export const renderNote = ({ payload, channel, severity }: RenderContext) =>
  payload.silent === true
    ? undefined
    : composeMessage({
        title: `Note ${String(payload.n)}`,
        tone: 'bad',
        summary: `Over ${channel.kind}, ${severity}`,
        href: `https://reports.example.com/notes/${String(payload.n)}`,
        webhook: { type: 'note.written', data: { n: payload.n } },
        ...(payload.file === undefined
          ? {}
          : {
              attachments: [{ filename: 'üb.csv', content: Buffer.from('a,b\n1,2\n'), contentType: 'text/csv' }],
            }),
      });

export const startWorld = async (overrides: Readonly<Record<string, string>> = {}): Promise<World> => {
  const app = await startApp({ WEBHOOK_ALLOW_PRIVATE: 'true', ...overrides });
  const clock = new TestClock();
  app.app.get(Clock).now = clock.now;
  app.app.get(MessageRenderers).register('note', renderNote);
  const org = `notified-${process.pid}-${++worlds}`;
  const send: World['send'] = async (method, path, body, claims = {}) =>
    app.request(method, path, body, { token: await app.token({ org, ...claims }) });
  const world: World = {
    ...{ app, clock, org, send },
    get: (path, claims) => send('GET', path, undefined, claims),
    channel: async (kind, input, more = {}) => {
      const name = `${kind} ${Math.random()}`;
      const answer = await send('POST', '/channels', { name, kind, [kind]: input, ...more });
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body;
    },
    enqueue: (messages) =>
      app.app.get(Outbox).enqueue(
        messages.map((message) => ({
          ...{ organization: org, kind: 'note', dedupeKey: `note-${Math.random()}`, payload: {} },
          ...(message as OutgoingMessage),
        })),
      ),
    deliveries: async (query = '') => (await world.get(`/notifications/deliveries?limit=200${query}`)).body.items,
  };
  return world;
};
