import { describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadOrCreateSecret } from './secret.js';

const freshDir = (): string => mkdtempSync(join(tmpdir(), 'secret-'));

describe('loadOrCreateSecret', () => {
  it('makes a secret once, for its owner only', () => {
    const dir = join(freshDir(), 'not', 'there', 'yet');
    const secret = loadOrCreateSecret(dir, 'jwt-secret');
    expect(secret.length).toBeGreaterThanOrEqual(64);
    expect(loadOrCreateSecret(dir, 'jwt-secret')).toBe(secret);
    expect(statSync(join(dir, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['jwt-secret']);
  });

  it('refuses a file that holds too short a secret', () => {
    const dir = freshDir();
    writeFileSync(join(dir, 'jwt-secret'), 'short');
    expect(() => loadOrCreateSecret(dir, 'jwt-secret')).toThrow('remove it');
  });
});
