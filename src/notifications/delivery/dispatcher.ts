import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, failpoint, Traced } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import type { AttemptResult, LeasedDelivery } from '../domain/delivery.js';
import { settle } from '../domain/settle.js';
import type { StoredChannel } from '../persistence/channels.repository.js';
import { DeliveryQueueRepository } from '../persistence/delivery-queue.repository.js';
import { AttemptRunner } from './attempt-runner.js';
import { DeliveryHints } from './delivery-hints.js';
import { DeliveryOptions } from './delivery-options.js';
import { EndpointGate } from './endpoint-gate.js';

const TOO_MANY_REQUESTS = 429;
const STRANDED_MS = 600_000;
const RETRY_MS = 1_000;
const GATHER_MS = 5;

/**
 * Sends what is due. Any number of workers may do so at once: a delivery belongs to the one that leased it, and only the
 * newest fence may write down what came of it.
 */
@Injectable()
export class Dispatcher implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Dispatcher.name);
  private readonly stopping = new AbortController();
  /** Aborts what is under way. */
  private readonly cutOff = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private pause = new AbortController();
  private loop: Promise<void> | undefined;
  private sweptAt = 0;
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly queue: DeliveryQueueRepository,
    private readonly gate: EndpointGate,
    private readonly runner: AttemptRunner,
    private readonly hints: DeliveryHints,
    private readonly options: DeliveryOptions,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    this.unsubscribe = this.hints.onWake(() => {
      this.pause.abort();
    });
    this.loop = this.run();
  }

  /** Takes nothing new, lets what is under way end for a while, and hands the rest back. */
  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe?.();
    this.stopping.abort();
    this.pause.abort();
    await this.loop;
    const patience = new AbortController();
    const late = sleep(this.options.stopMs, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.underWay), late]);
    patience.abort();
    this.cutOff.abort();
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      this.pause = new AbortController();
      const { signal } = this.pause;
      try {
        await this.sweep();
        if ((await this.dispatch()) > 0) continue;
        await rest(Math.min(this.options.pollMs, this.gate.opensIn(this.clock.now()) ?? Infinity), signal);
        // several attempts end at about the same time: one look for all of them
        await rest(GATHER_MS, this.stopping.signal);
      } catch (error) {
        this.logger.error({ err: error }, 'the outbox could not be read; it is tried again');
        await rest(RETRY_MS, this.stopping.signal);
      }
    }
  }

  /** @returns how many deliveries were begun */
  private async dispatch(): Promise<number> {
    const free = this.options.concurrency - this.underWay.size;
    if (free <= 0) return 0;
    const now = this.clock.now();
    await this.gate.refresh(now);
    const candidates = await this.queue.due(now, this.gate.shut(now), free * 4);
    const admitted = await this.gate.admit(candidates, free, now);
    if (admitted.length === 0) return 0;
    const ids = admitted.map(({ id }) => id);
    const claimed = await this.queue.claim(ids, now, new Date(now.getTime() + this.options.leaseMs));
    const channels = await this.runner.channelsOf(claimed);
    for (const delivery of claimed) this.begin(delivery, channels.get(delivery.channelId ?? ''));
    return claimed.length;
  }

  private begin(delivery: LeasedDelivery, channel: StoredChannel | undefined): void {
    this.gate.begin(delivery.endpoint, delivery.channelKind);
    const work = this.deliver(delivery, channel)
      .catch((error: unknown) => {
        // its lease ends, and it is sent again under its id
        this.logger.error({ err: error, delivery: delivery.deliveryId }, 'the outcome could not be written down');
      })
      .finally(() => {
        this.gate.end(delivery.endpoint);
        this.underWay.delete(work);
        this.pause.abort();
      });
    this.underWay.add(work);
  }

  @Traced('notification.deliver')
  private async deliver(delivery: LeasedDelivery, channel: StoredChannel | undefined): Promise<void> {
    const startedAt = this.clock.now();
    const result = await this.attempt(delivery, channel);
    failpoint('notification-sent');
    const now = this.clock.now();
    const settlement = settle(result, delivery.round, startedAt, now, this.options.retries, Math.random());
    // first: whoever sees the outcome may rely on it that the receiver is left alone
    if (result.result === 'failed' && result.responseCode === TOO_MANY_REQUESTS && result.retryAfterMs !== undefined)
      await this.gate.pause(delivery.endpoint, result.retryAfterMs, now);
    await this.queue.record(delivery, settlement, now);
  }

  private attempt(
    delivery: LeasedDelivery,
    channel: StoredChannel | undefined,
  ): Promise<AttemptResult> | AttemptResult {
    // only a delivery that ended its worker each time gets here
    if (delivery.round >= this.options.retries.delaysMs.length)
      return { result: 'given_up', reason: 'It was tried too often without an outcome' };
    return this.runner.run(delivery, channel, this.cutOff.signal);
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now();
    if (Math.abs(now.getTime() - this.sweptAt) < this.options.sweepMs) return;
    this.sweptAt = now.getTime();
    const lost = await this.queue.expire(now);
    if (lost > 0) this.logger.warn({ deliveries: lost }, 'deliveries of a worker that is gone are sent again');
    await this.queue.releaseStranded(new Date(now.getTime() - STRANDED_MS), now);
  }
}

const rest = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};
