import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReportBody } from '../domain/report-body.js';
import { PackedBody } from './packed-body.js';

const head = JSON.stringify({ reportId: '6650c0ffee6650c0ffee0001', name: 'nächtlich 🌙', cached: true });

describe('PackedBody', () => {
  it('answers head and body as one JSON object, plain and as gzip, whatever the body holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), async (members) => {
        const body = JSON.parse(JSON.stringify({ totals: members })) as ReportBody;
        const packed = await PackedBody.pack(body);
        const again = await PackedBody.unpack(packed.deflated);
        for (const one of [packed, again]) {
          const whole = { ...(JSON.parse(head) as object), ...body };
          expect(JSON.parse(one.json(head).toString('utf8'))).toEqual(whole);
          expect(gunzipSync(one.gzip(head)).equals(one.json(head))).toBe(true);
          expect(one.body).toEqual(body);
        }
      }),
    );
  });

  it('holds a body of many blocks', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => ({ i, text: `row ${i * i}` }));
    const packed = await PackedBody.pack({ rows } as unknown as ReportBody);
    expect(gunzipSync(packed.gzip(head)).equals(packed.json(head))).toBe(true);
    expect(packed.bytes).toBeGreaterThan(packed.deflated.length);
  });
});
