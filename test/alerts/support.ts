import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Connection } from 'mongoose';
import { getConnectionToken } from '@nestjs/mongoose';
import { AlertSweeper } from '../../src/alerts/index.js';
import { Clock } from '../../src/common/index.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { quietTime } from '../support/clock.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
const PATIENCE_MS = 60_000;
// of each test in a file that uses this: above the sum of what it may wait for
jest.setTimeout(300_000);

let count = 0;
let runs = 0;

/** One organization in one app, with a clock that can be set ahead. */
export class AlertsWorld {
  org = '';
  private ahead = 0;
  private standing: number | undefined;

  private constructor(readonly app: TestApp) {
    app.app.get(Clock).now = () => new Date(this.now());
  }

  static async start(...args: Parameters<typeof startApp>): Promise<AlertsWorld> {
    return new AlertsWorld(await startApp(...args));
  }

  /** Another organization, at the present. */
  reset(): void {
    this.org = `alerts-${process.pid}-${++count}`;
    this.ahead = 0;
    this.standing = undefined;
  }

  /** Another organization, at the last quiet time: whatever the time is, no day or quarter hour ends during a test. */
  resetToQuietTime(): void {
    this.reset();
    this.ahead = quietTime() - Date.now();
  }

  /** From now on only `after` moves the clock. */
  standStill(): void {
    this.standing = Date.now();
  }

  now(): number {
    return (this.standing ?? Date.now()) + this.ahead;
  }

  get mongo(): Connection {
    return this.app.app.get<Connection>(getConnectionToken());
  }

  async get(path: string, claims = {}): Promise<Answer> {
    return this.app.get(path, { token: await this.app.token({ org: this.org, ...claims }) });
  }

  async send(method: string, path: string, body?: unknown, claims = {}): Promise<Answer> {
    return this.app.request(method, path, body, { token: await this.app.token({ org: this.org, ...claims }) });
  }

  /** What a request answers, which must be a success. */
  async must(method: string, path: string, body?: unknown): Promise<Loose> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A run that began so many minutes ago, with the status of each test by its name. */
  async run(minutesAgo: number, outcomes: Readonly<Record<string, string>>, more: Loose = {}): Promise<string> {
    const startedAt = new Date(this.now() - minutesAgo * MINUTE).toISOString();
    const { message = 'expected 200 to equal 503', suite = 'shop', ...metadata } = more;
    const results = Object.entries(outcomes).map(([name, status]) => ({
      ...{ name, suite, status, startedAt, durationMs: 100 },
      ...(status === 'failed' && { error: { type: 'AssertionError', message } }),
    }));
    const head = { project: 'web', externalId: `run-${++runs}`, branch: 'main', commit: `c${runs}`, startedAt };
    return (await this.must('POST', '/runs', { ...head, ...metadata, results })).runId;
  }

  rule(more: Loose = {}): Promise<Loose> {
    return this.must('POST', '/alerts', {
      ...{ name: 'Pass rate', metric: 'pass_rate', filter: { projects: ['web'] }, condition: 'below', critical: 0.9 },
      ...more,
    });
  }

  channel(name = 'ops'): Promise<Loose> {
    return this.must('POST', '/channels', { name: `${name}-${++count}`, kind: 'inbox', inbox: { users: ['ann'] } });
  }

  /** Moves the clock and does what is due then. */
  async after(minutes: number): Promise<void> {
    this.ahead += minutes * MINUTE;
    await this.sweep();
  }

  sweep(): Promise<void> {
    return this.app.app.get(AlertSweeper).sweep();
  }

  async status(query = ''): Promise<Loose> {
    return (await this.get(`/alerts/status${query}`)).body;
  }

  /** The alerts, once they are as wanted. */
  async until(wanted: (items: Loose[]) => boolean, query = ''): Promise<Loose[]> {
    return eventually(async () => (await this.status(query)).items, wanted);
  }

  /** What was queued for delivery, oldest first. */
  async messages(): Promise<Loose[]> {
    const rows = await this.mongo
      .collection('notification_deliveries')
      .find({ o: this.org })
      .sort({ _id: 1 })
      .toArray();
    return rows.map((row) => ({ ...row, payload: JSON.parse(String(row.payload)) }));
  }

  /** Waits until exactly these were told, in this order: the service's own sweep may be under way beside the test's. */
  async told(...reasons: string[]): Promise<void> {
    const wanted = JSON.stringify(reasons);
    await eventually(
      async () => (await this.messages()).map(({ payload }) => payload.reason as string),
      (all) => JSON.stringify(all) === wanted,
    );
  }

  /** The same of the levels of escalations. */
  async escalated(...levels: number[]): Promise<void> {
    const wanted = JSON.stringify(levels);
    await eventually(
      async () =>
        (await this.messages()).flatMap(({ payload }) => (payload.escalation?.level as number | undefined) ?? []),
      (all) => JSON.stringify(all) === wanted,
    );
  }
}

/** Asks until the answer is as wanted; the last answer in the error when that takes more than a minute. */
export const eventually = async <T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> => {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    if (performance.now() > end) throw new Error(`it never came: ${JSON.stringify(answer, null, 1).slice(0, 3000)}`);
    await sleep(50);
  }
};
