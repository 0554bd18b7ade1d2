import { describe, expect, it } from '@jest/globals';
import { hashSecret, looksLikeApiKey, mintKey, parseKey, secretMatches, statusOf } from './api-key.js';

describe('API keys', () => {
  it('are parsed back into what was minted', () => {
    const minted = mintKey();
    const parsed = parseKey(minted.text);
    expect(looksLikeApiKey(minted.text)).toBe(true);
    expect(parsed?.keyId).toBe(minted.keyId);
    expect(secretMatches(parsed?.secret ?? '', minted.hash)).toBe(true);
  });

  it('differ each time', () => {
    expect(new Set(Array.from({ length: 100 }, () => mintKey().text)).size).toBe(100);
  });

  it('do not match another secret, nor a hash of another length', () => {
    const { hash } = mintKey();
    expect(secretMatches('x'.repeat(43), hash)).toBe(false);
    expect(secretMatches('x', hashSecret('x').subarray(1))).toBe(false);
  });

  it.each(['', 'ers_', 'ers_x_y', `ers_${'0'.repeat(16)}_short`, `ERS_${'0'.repeat(16)}_${'a'.repeat(43)}`])(
    'cannot be %j',
    (text) => {
      expect(parseKey(text)).toBeUndefined();
    },
  );

  it('expire at their moment, and stay revoked', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    const later = new Date('2026-01-01T00:00:01Z');
    expect(statusOf({ expiresAt: later }, now)).toBe('active');
    expect(statusOf({ expiresAt: now }, now)).toBe('expired');
    expect(statusOf({ expiresAt: now, revokedAt: now }, now)).toBe('revoked');
  });
});
