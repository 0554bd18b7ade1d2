import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { webhookBody, WEBHOOK_BODY_BYTES } from './webhook-body.js';

const at = new Date('2026-06-30T12:00:00Z');

describe('webhookBody', () => {
  it('carries type, time of the event and data', () => {
    expect(JSON.parse(webhookBody({ type: 'alert.firing', data: { a: 1 } }, at))).toEqual({
      type: 'alert.firing',
      timestamp: '2026-06-30T12:00:00.000Z',
      data: { a: 1 },
    });
  });

  it('leaves out what is longest, and says so', () => {
    const data = { id: 'a1', tests: Array.from({ length: 5_000 }, (_, i) => `test ${i}`), links: { self: '/a1' } };
    expect(JSON.parse(webhookBody({ type: 't', data }, at)).data).toEqual({
      id: 'a1',
      links: { self: '/a1' },
      truncated: ['tests'],
    });
  });

  it('is always JSON of less than 20 KB', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 9_000 });
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, fc.array(text), fc.integer()), { maxKeys: 8 }), (data) => {
        const body = webhookBody({ type: 't', data }, at);
        expect(Buffer.byteLength(body)).toBeLessThan(WEBHOOK_BODY_BYTES);
        expect(JSON.parse(body)).toHaveProperty('data');
      }),
      { numRuns: 50 },
    );
  });
});
