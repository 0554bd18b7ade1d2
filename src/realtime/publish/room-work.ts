import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { failpoint } from '../../common/index.js';
import { LIMITS } from '../limits.js';
import { Claims } from '../redis/claims.js';
import { roomKeyOf, type RoomUpdate } from '../room.js';

const CLAIM_MS = 4_000;
const RENEW_MS = 1_000;
const RETRY_MS = 1_000;
const TRIES = 10;

/** What has changed in the room, worked out now. */
export type MakeUpdates = () => Promise<readonly RoomUpdate[]>;

export interface WorkOutcome {
  readonly publish: (kind: string, key: string, updates: readonly RoomUpdate[]) => Promise<void>;
  /** It could not be done: the subscribers are to get a fresh snapshot. */
  readonly giveUp: (kind: string, key: string) => void;
}

interface Task {
  readonly kind: string;
  readonly key: string;
  position: number;
  make: MakeUpdates;
}

/**
 * Rooms that follow a position (of the commit log): every node that has subscribers asks for the position to be reached,
 * one of them does the work, four times a second at most, and the others only wait for it to be done. Were it killed on
 * the way, its claim runs out and another does it.
 */
@Injectable()
export class RoomWork implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RoomWork.name);
  private readonly tasks = new Map<string, Task>();
  private readonly running = new Set<Promise<void>>();
  private readonly ended = new AbortController();

  constructor(private readonly claims: Claims) {}

  seeTo(kind: string, key: string, position: number, make: MakeUpdates, outcome: WorkOutcome): void {
    if (this.ended.signal.aborted) return;
    const name = roomKeyOf(kind, key);
    const waiting = this.tasks.get(name);
    if (waiting) {
      if (position > waiting.position) Object.assign(waiting, { position, make });
      return;
    }
    const task: Task = { kind, key, position, make };
    this.tasks.set(name, task);
    const run = this.run(task, outcome)
      .catch((error: unknown) => {
        if (this.ended.signal.aborted) return;
        this.logger.debug({ err: error, room: name }, 'a room could not be brought up to date; a snapshot follows');
        outcome.giveUp(kind, key);
      })
      .finally(() => {
        if (this.tasks.get(name) === task) this.tasks.delete(name);
        this.running.delete(run);
      });
    this.running.add(run);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.ended.abort();
    await Promise.all(this.running);
  }

  private async run(task: Task, outcome: WorkOutcome): Promise<void> {
    const token = randomUUID();
    for (let failures = 0; !this.ended.signal.aborted;) {
      const { position } = task;
      const turn = await this.claims.claim(task.kind, task.key, token, position, CLAIM_MS);
      if (turn === 'done') {
        if (task.position !== position) continue;
        this.forget(task);
        return;
      } else if (turn === 'mine') {
        if (await this.attempt(task, position, token, outcome)) failures = 0;
        else if (++failures === TRIES) throw new Error('it failed too often');
        else await this.rest(RETRY_MS);
      } else await this.rest(Math.min(turn.waitMs, LIMITS.updateGapMs) + 1);
    }
  }

  /** In the same breath as the last look, so that nothing that is asked for meanwhile is taken for asked already. */
  private forget(task: Task): void {
    this.tasks.delete(roomKeyOf(task.kind, task.key));
  }

  private async attempt(task: Task, position: number, token: string, outcome: WorkOutcome): Promise<boolean> {
    const { kind, key, make } = task;
    const renewal = setInterval(() => {
      this.claims.renew(kind, key, token, CLAIM_MS).catch(() => undefined);
    }, RENEW_MS);
    try {
      failpoint('room-claimed');
      const updates = await make();
      if (updates.length > 0) await outcome.publish(kind, key, updates);
      failpoint('room-published');
      await this.claims.finish(kind, key, token, position, LIMITS.updateGapMs);
      return true;
    } catch (error) {
      this.logger.warn({ err: error, kind }, 'a room could not be computed; it is tried again');
      await this.claims.release(kind, key, token);
      return false;
    } finally {
      clearInterval(renewal);
    }
  }

  private async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.ended.signal }).catch(() => undefined);
  }
}
