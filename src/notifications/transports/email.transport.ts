import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';
import { DeliveryOptions } from '../delivery/delivery-options.js';
import type { Channel, ChannelSecrets } from '../domain/channel.js';
import { type AttemptResult, failedWith } from '../domain/delivery.js';
import type { RenderedMessage } from '../domain/message.js';
import { TargetRefusedError } from '../guard/target-guard.js';
import { AttemptTimer } from './attempt-timer.js';
import { MailPool } from './mail-pool.js';
import { messageIdOf, type Shipment, type Transport } from './transport.js';

/** A mail to be sent, to a channel's addresses or to one user's. */
export interface Letter {
  readonly deliveryId: string;
  readonly message: RenderedMessage;
  readonly to: readonly string[];
  readonly cc?: readonly string[];
  readonly channel?: Channel;
  readonly secrets?: ChannelSecrets;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
}

/** Errors that say that this message will never be taken; anything else may be mended. */
const REFUSED = new Set(['EENVELOPE', 'EMESSAGE']);

@Injectable()
export class EmailTransport implements Transport {
  constructor(
    private readonly pool: MailPool,
    private readonly config: AppConfig,
    private readonly options: DeliveryOptions,
  ) {}

  send({ deliveryId, message, channel, secrets, signal }: Shipment): Promise<AttemptResult> {
    const { to = [], cc } = channel.settings;
    return this.mail({ deliveryId, message, to, cc, channel, secrets, signal });
  }

  /** Never throws. A server that takes it for some of the recipients has taken it: the others are not written again. */
  async mail(letter: Letter): Promise<AttemptResult> {
    const attempt = new AttemptTimer(this.limitOf(letter.message), letter.signal);
    try {
      const pool = await this.pool.of(letter.channel, letter.secrets);
      if (!pool)
        return failedWith('no_mail_server', 'The installation has no mail server (SMTP_URL)', { permanent: true });
      // withdrawn when its time is over, from the queue or by its connection: else it goes out beside its next attempt
      const info = await pool.sendMail({ ...this.envelope(letter), signal: attempt.signal });
      return { result: 'delivered', responseCode: Number(/^\d{3}/.exec(info.response)?.[0] ?? 250) };
    } catch (error) {
      return failureOf(error, attempt);
    } finally {
      attempt.end();
    }
  }

  private limitOf({ attachments = [] }: RenderedMessage): number {
    return attachments.length > 0 ? this.options.fileMailTimeoutMs : this.options.mailTimeoutMs;
  }

  private envelope({ deliveryId, message, to, cc, channel }: Letter) {
    const from = channel?.settings.from ?? this.config.mailFrom;
    return {
      from,
      to: [...to],
      ...(cc && { cc: [...cc] }),
      subject: message.subject,
      text: message.text,
      html: message.html,
      // the same on each attempt: mail programs show one of two copies
      messageId: `<${messageIdOf(deliveryId)}@${domainOf(from)}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      attachments: (message.attachments ?? []).map(({ filename, content, contentType }) => ({
        filename,
        content,
        contentType,
      })),
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }
}

const domainOf = (from: string): string => /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'localhost';

const failureOf = (error: unknown, { timedOut, signal }: AttemptTimer): AttemptResult => {
  if (error instanceof TargetRefusedError) return failedWith('target_not_allowed', error.message, { permanent: true });
  if (timedOut) return failedWith('timeout', 'The mail server did not answer in time');
  if (signal.aborted) return failedWith('interrupted', 'The service was stopped meanwhile');
  const { code, responseCode, response } = error as { code?: string; responseCode?: number; response?: string };
  const permanent = code !== undefined && REFUSED.has(code) && (responseCode ?? 0) >= 500;
  if (responseCode === undefined)
    return failedWith('connection_failed', `The mail server could not be reached (${code ?? 'Error'})`);
  const detail = `The mail server answered ${(response ?? String(responseCode)).replaceAll(/\s+/g, ' ')}`;
  return { ...failedWith('mail_refused', detail, { permanent }), responseCode } as AttemptResult;
};
