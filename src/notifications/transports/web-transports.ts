import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { escapeSlack } from '../domain/compose-cards.js';
import { type AttemptResult, failedWith } from '../domain/delivery.js';
import { signatureHeaders } from '../domain/signature.js';
import { HttpSender } from './http-sender.js';
import { messageIdOf, type Shipment, type Transport } from './transport.js';
import { webhookBody } from './webhook-body.js';

const noUrl = (): AttemptResult => failedWith('no_url', 'The channel has no URL', { permanent: true });

/** Standard Webhooks 1.0. */
@Injectable()
export class WebhookTransport implements Transport {
  constructor(
    private readonly http: HttpSender,
    private readonly clock: Clock,
  ) {}

  async send({ deliveryId, createdAt, message, secrets, signal }: Shipment): Promise<AttemptResult> {
    if (secrets.url === undefined) return noUrl();
    const body = webhookBody(message.webhook, createdAt);
    const signature = signatureHeaders(messageIdOf(deliveryId), this.clock.now(), body, secrets.signing);
    return this.http.post(secrets.url, body, { ...secrets.headers, ...signature }, signal);
  }
}

/** Incoming webhooks of Slack. */
@Injectable()
export class SlackTransport implements Transport {
  constructor(private readonly http: HttpSender) {}

  async send({ message, secrets, signal }: Shipment): Promise<AttemptResult> {
    if (secrets.url === undefined) return noUrl();
    // the text is what stands in the notification of the phone; it is markup too
    const body = JSON.stringify({ text: escapeSlack(message.subject), blocks: message.slackBlocks });
    return this.http.post(secrets.url, body, {}, signal);
  }
}

/** Workflows of Microsoft Teams ("when a webhook request is received"). */
@Injectable()
export class TeamsTransport implements Transport {
  constructor(private readonly http: HttpSender) {}

  async send({ message, secrets, signal }: Shipment): Promise<AttemptResult> {
    if (secrets.url === undefined) return noUrl();
    const card = {
      contentType: 'application/vnd.microsoft.card.adaptive',
      contentUrl: null,
      content: message.teamsCard,
    };
    return this.http.post(secrets.url, JSON.stringify({ type: 'message', attachments: [card] }), {}, signal);
  }
}
