import type { OpenAPIObject } from '@nestjs/swagger';

const header = (name: string, description: string, example: string) => ({
  ...{ name, in: 'header' as const, required: true, description, example },
  schema: { type: 'string' as const },
});

/** What this service sends to channels of kind webhook, for the `webhooks` of the OpenAPI document. */
export const NOTIFICATION_WEBHOOKS: NonNullable<OpenAPIObject['webhooks']> = {
  notification: {
    post: {
      operationId: 'Webhook_notification',
      tags: ['Channels'],
      summary: 'A message to a channel of kind webhook',
      description:
        'Standard Webhooks 1.0; docs/webhooks.md has the recipe to verify it. Under 20 KB; `data.truncated` names members that were left out. Tried again after 5 s, 5 min, 30 min, 2 h, 5 h and 10 h under the same id.',
      security: [],
      parameters: [
        header('webhook-id', 'The same on every attempt', 'msg_6650c0ffee6650c0ffee0102'),
        header('webhook-timestamp', 'Epoch seconds of the attempt', '1782820800'),
        header(
          'webhook-signature',
          'One or, while the secret is rotated, two signatures, with a space between: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        ),
      ],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['type', 'timestamp', 'data'],
              properties: {
                type: { type: 'string', description: 'What happened', example: 'channel.test' },
                timestamp: { type: 'string', format: 'date-time', description: 'When' },
                data: { type: 'object', additionalProperties: true, description: 'What it is about' },
              },
            },
            example: {
              type: 'channel.test',
              timestamp: '2026-06-30T12:00:00.000Z',
              data: { channelId: '6650c0ffee6650c0ffee0101', name: 'build bot' },
            },
          },
        },
      },
      responses: {
        '2XX': { description: 'Taken' },
        410: { description: 'The receiver is gone: the channel is switched off' },
        default: { description: 'It is sent again; see Retry-After' },
      },
    },
  },
};
