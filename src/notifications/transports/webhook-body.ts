import type { RenderedMessage } from '../domain/message.js';

/** Standard Webhooks recommends bodies under 20 KB. */
export const WEBHOOK_BODY_BYTES = 20_000;

/**
 * `{ type, timestamp, data }`. Where it would be too long, lists and objects are left out of `data`, longest first, until
 * it fits, and `data.truncated` names them.
 */
export const webhookBody = ({ type, data }: RenderedMessage['webhook'], occurredAt: Date): string => {
  const bodyOf = (content: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ type, timestamp: occurredAt.toISOString(), data: content });
  const whole = bodyOf(data);
  if (Buffer.byteLength(whole) < WEBHOOK_BODY_BYTES) return whole;
  const sizeOf = (value: unknown): number => (JSON.stringify(value) as string | undefined)?.length ?? 0;
  const bySize = Object.entries(data).sort(([, a], [, b]) => sizeOf(b) - sizeOf(a));
  for (let left = 1; left <= bySize.length; left++) {
    const truncated = bySize.slice(0, left).map(([key]) => key);
    const body = bodyOf({ ...Object.fromEntries(bySize.slice(left)), truncated });
    if (Buffer.byteLength(body) < WEBHOOK_BODY_BYTES) return body;
  }
  return bodyOf({ truncated: ['*'] });
};
