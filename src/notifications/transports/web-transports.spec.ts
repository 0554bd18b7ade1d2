import { describe, expect, it } from '@jest/globals';
import { composeMessage } from '../domain/compose.js';
import type { HttpSender } from './http-sender.js';
import type { Shipment } from './transport.js';
import { SlackTransport } from './web-transports.js';

describe('Slack', () => {
  it('takes nothing in a name for a mention or a link', async () => {
    const bodies: string[] = [];
    const http = { post: (_url: string, body: string) => bodies.push(body) } as unknown as HttpSender;
    const message = composeMessage({
      title: '<!channel> & <https://evil.example|pays>',
      summary: 'It fails.',
    } as never);
    const secrets = { url: 'https://hooks.example.com/x' };
    await new SlackTransport(http).send({ message, secrets } as Shipment);
    expect(bodies.map((body) => JSON.parse(body).text)).toEqual([
      '&lt;!channel&gt; &amp; &lt;https://evil.example|pays&gt;',
    ]);
  });
});
