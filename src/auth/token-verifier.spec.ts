import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SignJWT } from 'jose';
import type { AppConfig } from '../config/index.js';
import { TokenVerifier } from './token-verifier.js';

const SECRET = 'a secret of the tests that is long enough';
const IDENTITY = { issuer: 'tests', audience: 'tests' };

const sign = (seconds: number): Promise<string> =>
  new SignJWT({ org: 'acme', roles: ['viewer'] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('ada')
    .setIssuer(IDENTITY.issuer)
    .setAudience(IDENTITY.audience)
    .setExpirationTime(new Date(Date.now() + seconds * 1000))
    .sign(Buffer.from(SECRET));

describe('a token that is kept', () => {
  let verifier: TokenVerifier;
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    verifier = new TokenVerifier({ jwt: { secret: SECRET, ...IDENTITY } } as unknown as AppConfig);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is not verified again within its minute', async () => {
    const token = await sign(3600);
    const principal = await verifier.verifyToken(token);
    jest.advanceTimersByTime(50_000);
    expect(await verifier.verifyToken(token)).toBe(principal);
    jest.advanceTimersByTime(20_000);
    expect(await verifier.verifyToken(token)).not.toBe(principal);
  });

  it('ends when it expires, minute or not', async () => {
    const token = await sign(30);
    await verifier.verifyToken(token);
    jest.advanceTimersByTime(29_000);
    await expect(verifier.verifyToken(token)).resolves.toMatchObject({ subject: 'ada' });
    jest.advanceTimersByTime(8_000); // 30 s and the 5 s that clocks may differ by
    await expect(verifier.verifyToken(token)).rejects.toMatchObject({ code: 'token_expired' });
  });
});
