import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, exportSPKI, generateKeyPair, type GenerateKeyPairResult, SignJWT } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startApp, TEST_SECRET, type TestApp } from '../support/app.js';

const NAME = 'execution-reporting';
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;

interface KeyServer {
  readonly uri: string;
  readonly pairs: ReadonlyMap<string, GenerateKeyPairResult>;
  status: number;
  close(): void;
}

const startKeyServer = async (): Promise<KeyServer> => {
  const pairs = new Map<string, GenerateKeyPairResult>();
  for (const alg of [...ALGORITHMS, 'RS512']) pairs.set(alg, await generateKeyPair(alg, { extractable: true }));
  const keys = await Promise.all(
    [...pairs].map(async ([alg, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid: alg, alg, use: 'sig' })),
  );
  const keyServer = { uri: '', pairs, status: 200, close: () => void server.close() };
  const server: Server = createServer((_, response) => {
    response.writeHead(keyServer.status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  keyServer.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  return keyServer;
};

const claims = (): SignJWT =>
  new SignJWT({ sub: 'ana', org: 'acme', roles: ['viewer'] }).setIssuer(NAME).setAudience(NAME).setExpirationTime('5m');

describe('tokens signed with keys of a key server', () => {
  let keys: KeyServer;
  let app: TestApp;
  beforeAll(async () => {
    keys = await startKeyServer();
    app = await startApp({ JWT_JWKS_URI: keys.uri });
  });
  afterEach(() => {
    keys.status = 200;
  });
  afterAll(async () => {
    await app.close();
    keys.close();
  });

  const signed = (alg: string, kid = alg): Promise<string> =>
    claims().setProtectedHeader({ alg, kid }).sign(keys.pairs.get(alg)!.privateKey);
  const statusOf = async (token: string): Promise<number> => (await app.get('/projects', { token })).status;

  it('do not pass while the keys cannot be had: 503, not 401', async () => {
    keys.status = 500;
    const { status, body } = await app.get('/projects', { token: await signed('RS256') });
    expect(status).toBe(503);
    expect(body.code).toBe('keys_unavailable');
  });

  it.each(ALGORITHMS)('pass with %s', async (alg) => {
    expect(await statusOf(await signed(alg))).toBe(200);
  });

  it('are 401 with an algorithm that is not pinned', async () => {
    expect(await statusOf(await signed('RS512'))).toBe(401);
  });

  it('are 401 when HS256 is signed with the public key as its secret', async () => {
    const { publicKey } = keys.pairs.get('RS256')!;
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(await exportJWK(publicKey))]) {
      const forged = await claims().setProtectedHeader({ alg: 'HS256', kid: 'RS256' }).sign(Buffer.from(secret));
      expect(await statusOf(forged)).toBe(401);
    }
  });

  it('are 401 when they are signed with JWT_SECRET instead', async () => {
    const token = await claims().setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(TEST_SECRET));
    expect(await statusOf(token)).toBe(401);
  });

  it('are 401 with a key of another name, an unknown name, or keys that they bring themselves', async () => {
    expect(await statusOf(await signed('RS256', 'RS512'))).toBe(401);
    const own = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(own.publicKey);
    const bring = (header: Record<string, unknown>): Promise<string> =>
      claims()
        .setProtectedHeader({ alg: 'ES256', ...header })
        .sign(own.privateKey);
    expect(await statusOf(await bring({ kid: 'unknown' }))).toBe(401);
    expect(await statusOf(await bring({ kid: 'ES256', jwk }))).toBe(401);
    expect(await statusOf(await bring({ kid: 'ES256', jku: 'http://127.0.0.1:1/keys' }))).toBe(401);
  });
});
