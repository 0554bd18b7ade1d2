import { Injectable } from '@nestjs/common';
import { type Dispatcher, request } from 'undici';
import { Clock } from '../../common/index.js';
import { DeliveryOptions } from '../delivery/delivery-options.js';
import { type AttemptResult, failedWith } from '../domain/delivery.js';
import { parseRetryAfter } from '../domain/retry.js';
import { GuardedAgent } from '../guard/guarded-agent.js';
import { TargetGuard, TargetRefusedError } from '../guard/target-guard.js';
import { AttemptTimer } from './attempt-timer.js';

const BODY_CAP = 2_048;
const GONE = 410;
const USER_AGENT = 'execution-reporting-notifications/1';

/** Posts JSON to a receiver's URL, through the guard, and says what came of it. */
@Injectable()
export class HttpSender {
  constructor(
    private readonly agent: GuardedAgent,
    private readonly guard: TargetGuard,
    private readonly options: DeliveryOptions,
    private readonly clock: Clock,
  ) {}

  /** Redirects are not followed. Never throws: what goes wrong is a failed attempt. */
  async post(
    url: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    const attempt = new AttemptTimer(this.options.httpTimeoutMs, signal);
    try {
      this.guard.assertWritten(url);
      const response = await request(url, {
        method: 'POST',
        body,
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': USER_AGENT },
        dispatcher: this.agent.dispatcher,
        signal: attempt.signal,
      });
      return this.resultOf(response, await capped(response.body));
    } catch (error) {
      return failureOf(error, attempt.timedOut);
    } finally {
      attempt.end();
    }
  }

  private resultOf({ statusCode, headers }: Dispatcher.ResponseData, body: string): AttemptResult {
    if (statusCode >= 200 && statusCode < 300) return { result: 'delivered', responseCode: statusCode };
    const retryAfterMs = parseRetryAfter([headers['retry-after']].flat()[0], this.clock.now());
    // Slack says what is wrong in one word; anything longer might be an answer that is not for our reader's eyes
    const word = /^[a-z_]{2,60}$/.test(body.trim()) ? `: ${body.trim()}` : '';
    const code = statusCode === GONE ? 'gone' : statusCode < 400 ? 'redirected' : 'http_status';
    const detail = code === 'redirected' ? 'Redirects are not followed' : `The receiver answered ${statusCode}${word}`;
    return {
      result: 'failed',
      responseCode: statusCode,
      error: { code, detail },
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(statusCode === GONE && { gone: true }),
    };
  }
}

/** The beginning of a body; the rest is not read. */
const capped = async (body: Dispatcher.ResponseData['body']): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    // leaving the loop destroys the body, and its connection
    if (length > BODY_CAP) break;
  }
  return Buffer.concat(chunks).subarray(0, BODY_CAP).toString('utf8');
};

const failureOf = (error: unknown, timedOut: boolean): AttemptResult => {
  if (error instanceof TargetRefusedError) return failedWith('target_not_allowed', error.message, { permanent: true });
  const { name, code } = error as { name?: string; code?: unknown };
  if (timedOut || /Timeout/.test(name ?? '')) return failedWith('timeout', 'The receiver did not answer in time');
  if (name === 'AbortError') return failedWith('interrupted', 'The service was stopped meanwhile');
  const reason = typeof code === 'string' ? code : (name ?? 'Error');
  return failedWith('connection_failed', `The receiver could not be reached (${reason})`);
};
