import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { type Answer, startApp, TEST_SECRET, type TestApp } from '../support/app.js';

const NAME = 'execution-reporting';
const now = (): number => Math.floor(Date.now() / 1000);

interface Shape {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly secret?: string;
  readonly alg?: string;
}

const sign = ({ claims = {}, secret = TEST_SECRET, alg = 'HS256' }: Shape = {}): Promise<string> =>
  new SignJWT({ sub: 'ana', org: 'acme', roles: ['viewer'], iss: NAME, aud: NAME, exp: now() + 60, ...claims })
    .setProtectedHeader({ alg })
    .sign(Buffer.from(secret));

describe('tokens signed with the secret', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const ask = (token: string | null, headers = {}): Promise<Answer> => app.get('/projects', { token, headers });

  it('are let in when they are right', async () => {
    expect((await ask(await sign())).status).toBe(200);
    expect((await ask(await sign({ claims: { aud: ['other', NAME] } }))).status).toBe(200);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['another secret', () => sign({ secret: 'another-secret-of-at-least-32-characters' })],
    ['a wrong issuer', () => sign({ claims: { iss: 'evil' } })],
    ['no issuer', () => sign({ claims: { iss: undefined } })],
    ['a wrong audience', () => sign({ claims: { aud: 'evil' } })],
    ['no audience', () => sign({ claims: { aud: undefined } })],
    ['an expiry in the past', () => sign({ claims: { exp: now() - 10 } })],
    ['no expiry', () => sign({ claims: { exp: undefined } })],
    ['an expiry that is text', () => sign({ claims: { exp: 'never' } })],
    ['a beginning in the future', () => sign({ claims: { nbf: now() + 60 } })],
    ['no subject', () => sign({ claims: { sub: undefined } })],
    ['no organization', () => sign({ claims: { org: undefined } })],
    ['an organization that is an operator', () => sign({ claims: { org: { $ne: '' } } })],
    ['projects that are no list', () => sign({ claims: { projects: 'all' } })],
    ['another HMAC', () => sign({ alg: 'HS512', secret: TEST_SECRET.repeat(2) })],
    [
      'alg none',
      () =>
        new UnsecuredJWT({ sub: 'ana', org: 'acme', roles: ['admin'] })
          .setIssuer(NAME)
          .setAudience(NAME)
          .setExpirationTime('1h')
          .encode(),
    ],
    ['garbage', () => 'garbage'],
    ['three dots', () => '...'],
    ['a header that is no object', () => 'bnVsbA.bnVsbA.bnVsbA'],
  ])('with %s are 401', async (_, token) => {
    const { status, body, headers } = await ask(await token());
    expect(status).toBe(401);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.get('www-authenticate')).toBe('Bearer');
    expect(body).toMatchObject({ status: 401, code: expect.stringMatching(/^(invalid_token|token_expired)$/) });
  });

  it('tell an expired one apart', async () => {
    expect((await ask(await sign({ claims: { exp: now() - 10 } }))).body.code).toBe('token_expired');
  });

  it('are 401 when a part was changed', async () => {
    const [header, , signature] = (await sign()).split('.');
    const claims = { sub: 'ana', org: 'acme', roles: ['admin'], iss: NAME, aud: NAME, exp: now() + 60 };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect((await ask(`${header}.${payload}.${signature}`)).status).toBe(401);
  });

  it.each([[['root']], [[]], [undefined], ['admin'], [[['admin']]]])('with roles %j are 403', async (roles) => {
    const { status, body } = await ask(await sign({ claims: { roles } }));
    expect(status).toBe(403);
    expect(body.code).toBe('no_role');
  });

  it('are needed: nothing, another scheme and an empty bearer are 401', async () => {
    const token = await sign();
    for (const authorization of ['', 'Bearer', 'Bearer ', `Basic ${token}`, token]) {
      const { status, body } = await ask(null, { authorization });
      expect(status).toBe(401);
      expect(body.code).toBe('unauthenticated');
    }
    expect((await ask(null)).status).toBe(401);
    expect((await app.get(`/projects?access_token=${token}`, { token: null })).status).toBe(401);
  });
});
