import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError, withPatience } from '../common/index.js';
import { LeaseLostError, RunLeases, type Lease } from './persistence/run-leases.js';

const PATIENCE_MS = 10_000;
const LONGEST_PAUSE_MS = 250;

const busy = (cause?: unknown): DomainError =>
  new DomainError('unavailable', 'run_busy', 'Others are writing to this run; send it again', {
    retryAfterSeconds: 2,
    cause,
  });

/** One writer per run: in this process by queueing, between processes by the lease. */
@Injectable()
export class RunLock {
  private readonly queues = new Map<string, Promise<void>>();

  constructor(private readonly leases: RunLeases) {}

  /**
   * Waits up to ten seconds for the run. `work` must end the lease (complete, release, pause or endRemoval); when it
   * throws, the lease is given back here.
   * @throws DomainError 503 `run_busy`
   */
  async hold<T>(runId: string, work: (lease: Lease) => Promise<T>): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    const leave = await this.enter(runId, deadline);
    try {
      return await this.run(await this.take(runId, deadline), work);
    } finally {
      leave();
    }
  }

  /** The same for a run that this request has just created, or that nobody may wait for. */
  async run<T>(lease: Lease, work: (lease: Lease) => Promise<T>): Promise<T> {
    const stop = this.leases.keepAlive(lease);
    try {
      return await work(lease);
    } catch (error) {
      this.leases.abandon(lease, error);
      throw error instanceof LeaseLostError ? busy(error) : error;
    } finally {
      stop();
    }
  }

  private async take(runId: string, deadline: number): Promise<Lease> {
    for (let pause = 4; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const lease = await this.leases.tryTake(runId);
      if (lease) return lease;
      if (performance.now() > deadline) throw busy();
      await sleep(pause * (0.5 + Math.random()));
    }
  }

  private async enter(runId: string, deadline: number): Promise<() => void> {
    const before = this.queues.get(runId);
    let leave = (): void => undefined;
    const mine = new Promise<void>((resolve) => {
      leave = () => {
        if (this.queues.get(runId) === tail) this.queues.delete(runId);
        resolve();
      };
    });
    const tail = (before ?? Promise.resolve()).then(() => mine);
    this.queues.set(runId, tail);
    if (before && !(await endsBefore(before, deadline))) {
      leave();
      throw busy();
    }
    return leave;
  }
}

const endsBefore = (promise: Promise<void>, deadline: number): Promise<boolean> =>
  withPatience(
    promise.then(() => true),
    Math.max(0, deadline - performance.now()),
    busy,
  ).catch(() => false);
