import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { API_PREFIX, createApp } from '../../src/app.factory.js';
import { signToken, type TokenClaims } from '../../src/auth/index.js';
import { AppConfig } from '../../src/config/index.js';
import { leftoversDropped, servers } from './servers.js';

export const TEST_SECRET = 'a-secret-for-tests-only-32-characters-long';

/** What JSON.parse gives: tests look into it freely. */
export type Loose = ReturnType<typeof JSON.parse>;

export interface Answer<T = Loose> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

export interface RequestOptions {
  /** A token, or null for none. Default: `token()`. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestApp {
  /** With the API's prefix: `${url}/health`. */
  readonly url: string;
  /** Without it: `${origin}/docs-json`. */
  readonly origin: string;
  readonly app: NestFastifyApplication;
  close(): Promise<void>;
  /** Default: an admin of organization `demo`. */
  token(claims?: Partial<TokenClaims>): Promise<string>;
  /** Paths are relative to `url`; one that starts with `//` to `origin`. */
  get<T = Loose>(path: string, options?: RequestOptions): Promise<Answer<T>>;
  post<T = Loose>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>>;
  request<T = Loose>(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>>;
}

/**
 * Boots the real application on a free port against `servers()`. `overrides` are environment variables (RATE_LIMIT_FACTOR
 * is 0 unless given). A string, Buffer or FormData body is sent as it is (give its content-type), anything else as JSON.
 * @param role `api`: without background loops, for tests whose workers are other processes
 */
export const startApp = async (
  overrides: Readonly<Record<string, string>> = {},
  role: AppConfig['role'] = 'all',
): Promise<TestApp> => {
  const { mongodbUri, redisUrl } = servers();
  await leftoversDropped();
  const config = AppConfig.load({
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? 'silent',
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: mkdtempSync(join(tmpdir(), 'execution-reporting-app-')),
    MONGODB_URI: mongodbUri,
    REDIS_URL: redisUrl,
    JWT_SECRET: TEST_SECRET,
    SECRET_KEYS: TEST_SECRET,
    RATE_LIMIT_FACTOR: '0',
    DEMO: 'off',
    ...overrides,
  }).with({ role });
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  const origin = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const url = `${origin}/${API_PREFIX}`;
  const token = (claims: Partial<TokenClaims> = {}): Promise<string> =>
    signToken(
      { sub: 'tester', org: 'demo', roles: ['admin'], ...claims },
      { secret: TEST_SECRET, issuer: config.jwt.issuer, audience: config.jwt.audience, expiresInSeconds: 3600 },
    );
  const request = async <T>(
    method: string,
    path: string,
    body?: unknown,
    options: RequestOptions = {},
  ): Promise<Answer<T>> => {
    const bearer = options.token === undefined ? await token() : options.token;
    const asItIs = typeof body === 'string' || Buffer.isBuffer(body) || body instanceof FormData;
    const response = await fetch(path.startsWith('//') ? origin + path.slice(1) : url + path, {
      method,
      headers: {
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined || asItIs ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body: body === undefined ? undefined : asItIs ? (body as string) : JSON.stringify(body),
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = /json($|;)/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      body: (isJson && text !== '' ? JSON.parse(text) : text) as T,
      headers: response.headers,
    };
  };
  return {
    url,
    origin,
    app,
    close: () => app.close(),
    token,
    get: (path, options) => request('GET', path, undefined, options),
    post: (path, body, options) => request('POST', path, body, options),
    request,
  };
};
