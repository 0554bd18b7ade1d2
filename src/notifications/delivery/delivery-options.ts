import { Injectable } from '@nestjs/common';
import { type RetryPolicy, STANDARD_RETRIES } from '../domain/retry.js';

/** How deliveries are made; tests shorten it. */
@Injectable()
export class DeliveryOptions {
  retries: RetryPolicy = STANDARD_RETRIES;
  /** A webhook, Slack or Teams that has not answered by then has failed. */
  httpTimeoutMs = 15_000;
  mailTimeoutMs = 30_000;
  /** Of a mail with attachments, which takes its time; the rest of the lease is for making them. */
  fileMailTimeoutMs = 60_000;
  /** Longer than any attempt: what is held longer belongs to a process that is gone. */
  leaseMs = 90_000;
  /** How often the dispatcher looks for what no hint told it of. */
  pollMs = 500;
  sweepMs = 10_000;
  /** Attempts under way at the same time, per worker. */
  concurrency = 32;
  /** How long attempts under way may still take when the process is stopped. */
  stopMs = 5_000;
}
