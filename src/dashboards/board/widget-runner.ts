import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DomainError, withPatience } from '../../common/index.js';
import { isProvisional } from '../widgets/provisional.js';

/** Why a widget has no data; the rest of the dashboard has. */
export interface WidgetError {
  /** Stable: `widget_timeout`, `internal`, or the code that the same question gets elsewhere. */
  readonly code: string;
  readonly message: string;
  /** Asking again may help. */
  readonly retryable: boolean;
}

export type Outcome = { readonly data: object } | { readonly error: WidgetError };

export interface WidgetJob {
  /** Equal keys, equal data. */
  readonly key: string;
  readonly compute: () => Promise<object>;
}

export interface RunnerLimits {
  /** Waiting for a turn included. */
  readonly timeoutMs: number;
  /** Widgets that a process computes at the same time. */
  readonly atOnce: number;
  /** Of what is kept, as JSON. */
  readonly keptBytes: number;
}

export const RUNNER_LIMITS: RunnerLimits = { timeoutMs: 10_000, atOnce: 12, keptBytes: 64 * 1024 * 1024 };

const TIMEOUT: WidgetError = {
  code: 'widget_timeout',
  message: 'The widget took too long; it goes on being computed and may be there when it is asked for again',
  retryable: true,
};

/** Computes widgets, a few at a time, each within its time, and keeps what it computed unless that is provisional. */
export class WidgetRunner {
  private readonly logger = new Logger(WidgetRunner.name);
  private readonly kept: LRUCache<string, object>;
  private readonly running = new Map<string, Promise<object>>();
  private readonly waiting: (() => void)[] = [];
  private busy = 0;

  constructor(private readonly limits: RunnerLimits = RUNNER_LIMITS) {
    this.kept = new LRUCache({ maxSize: limits.keptBytes });
  }

  /** Never rejects. With `force` what is kept is not looked at. */
  async run({ key, compute }: WidgetJob, force = false): Promise<Outcome> {
    const known = force ? undefined : this.kept.get(key);
    if (known) return { data: known };
    try {
      const work = this.running.get(key) ?? this.start(key, compute);
      return { data: await withPatience(work, this.limits.timeoutMs, () => new WidgetTimeout()) };
    } catch (error) {
      return { error: this.describe(error) };
    }
  }

  private start(key: string, compute: () => Promise<object>): Promise<object> {
    const work = this.inTurn(compute).then((data) => {
      if (!isProvisional(data)) this.kept.set(key, data, { size: JSON.stringify(data).length + key.length });
      return data;
    });
    this.running.set(key, work);
    const forget = (): void => void this.running.delete(key);
    work.then(forget, forget);
    return work;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy >= this.limits.atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.busy++;
    try {
      return await work();
    } finally {
      // the turn goes to the next one, or back
      const next = this.waiting.shift();
      if (next) next();
      else this.busy--;
    }
  }

  private describe(error: unknown): WidgetError {
    if (error instanceof WidgetTimeout) return TIMEOUT;
    const known = errorOf(error);
    if (known) return known;
    this.logger.error({ err: error }, 'a widget failed');
    return { code: 'internal', message: 'The widget could not be computed; the log holds the cause', retryable: true };
  }
}

class WidgetTimeout extends Error {}

/** An expected failure as a widget shows it; undefined for any other. */
export const errorOf = (error: unknown): WidgetError | undefined =>
  error instanceof DomainError
    ? { code: error.code, message: error.message, retryable: error.kind === 'unavailable' }
    : undefined;
