import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { Permit, Public } from '../../src/auth/index.js';
import { RoutePolicy } from '../../src/auth/route-policy.js';
import { startApp, type TestApp } from '../support/app.js';

interface Operation {
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
/** Whoever makes another route public says so here. */
const PUBLIC = [
  /^\/api\/v1\/execution-reporting\/health(\/live|\/ready)?$/,
  /^\/metrics$/,
  /^\/docs\/asyncapi\.json$/,
  /\/exports\/\{jobId\}\/download$/,
  /^\/api\/v1\/execution-reporting\/shared\/dashboards\/\{token\}$/,
  /\/alerts\/links\/\{alertId\}\/(\{action\}|comment)$/,
  // by a signed link alone
  /\/schedules\/\{scheduleId\}\/runs\/\{runId\}\/files\/\{index\}\/download$/,
];

const isPublic = (path: string): boolean => PUBLIC.some((pattern) => pattern.test(path));

/** A requirement without a scheme means that one may come without. */
const needsToken = (security: readonly object[]): boolean =>
  security.length > 0 && security.every((requirement) => Object.keys(requirement).length > 0);

describe('the routes of the OpenAPI document', () => {
  let app: TestApp;
  let routes: { method: string; path: string; secured: boolean; takesJson: boolean }[] = [];
  beforeAll(async () => {
    app = await startApp();
    const { body } = await app.get<OpenApi>('//docs-json', { token: null });
    routes = Object.entries(body.paths).flatMap(([path, operations]) =>
      METHODS.flatMap((method) => {
        const operation = operations[method];
        if (operation === undefined) return [];
        const takesJson = 'application/json' in (operation.requestBody?.content ?? {});
        return [{ method, path, secured: needsToken(operation.security ?? []), takesJson }];
      }),
    );
  });
  afterAll(() => app.close());

  const call = async (
    method: string,
    path: string,
    token: string | null,
  ): Promise<{ status: number; code?: string }> => {
    const filled = path.replaceAll(/\{\w+\}/g, '6650c0ffee6650c0ffee0001');
    const body = method === 'get' || method === 'delete' ? undefined : {};
    const answer = await app.request(method.toUpperCase(), `/${filled}`, body, { token });
    return { status: answer.status, code: answer.body.code };
  };

  it('are there', () => {
    expect(routes.length).toBeGreaterThan(8);
  });

  it('answer 401 without a token, each of them, before they look at the body', async () => {
    const open: string[] = [];
    for (const { method, path } of routes.filter((route) => !isPublic(route.path))) {
      const { status, code } = await call(method, path, null);
      if (status !== 401 || code !== 'unauthenticated') open.push(`${method} ${path}: ${status}`);
    }
    expect(open).toEqual([]);
  });

  it('answer 401 with a token of somebody else', async () => {
    const open: string[] = [];
    for (const { method, path } of routes.filter((route) => !isPublic(route.path))) {
      const { status } = await call(method, path, 'e30.e30.e30');
      if (status !== 401) open.push(`${method} ${path}: ${status}`);
    }
    expect(open).toEqual([]);
  });

  it('say in the document that they need one, the public ones excepted', () => {
    expect(routes.filter((route) => route.secured === isPublic(route.path))).toEqual([]);
  });

  it('answer 415 to XML where they take JSON', async () => {
    const token = await app.token();
    const others: string[] = [];
    for (const { method, path } of routes.filter((route) => route.takesJson)) {
      const filled = path.replaceAll(/\{\w+\}/g, '6650c0ffee6650c0ffee0001');
      const headers = { 'content-type': 'application/xml', 'if-match': '"1"' };
      const { status } = await app.request(method.toUpperCase(), `/${filled}`, '<a/>', { token, headers });
      if (status !== 415) others.push(`${method} ${path}: ${status}`);
    }
    expect(others).toEqual([]);
  });

  it('do not answer a viewer who writes (5xx least of all)', async () => {
    const token = await app.token({ roles: ['viewer'] });
    const allowed: string[] = [];
    for (const { method, path } of routes.filter((route) => route.method === 'delete' && !isPublic(route.path))) {
      const { status } = await call(method, path, token);
      if (status !== 403 && status !== 404) allowed.push(`${method} ${path}: ${status}`);
    }
    expect(allowed).toEqual([]);
  });
});

@Controller('declared')
class DeclaredController {
  @Get('a')
  @Permit('runs:read')
  a(): string {
    return this.helper();
  }

  @Get('b')
  @Public()
  b(): string {
    return this.helper();
  }

  helper(): string {
    return 'no route';
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  open(): string {
    return 'open';
  }
}

@Permit('runs:read')
@Controller('whole')
class WholeController {
  @Get()
  read(): string {
    return 'permitted by its class';
  }
}

@Module({
  imports: [DiscoveryModule],
  controllers: [DeclaredController, ForgottenController, WholeController],
  providers: [RoutePolicy],
})
class ForgetfulModule {}

describe('RoutePolicy', () => {
  it('stops the boot at a route that declares no access, and names it', async () => {
    const module = await Test.createTestingModule({ imports: [ForgetfulModule] }).compile();
    const policy = new RoutePolicy(module.get(DiscoveryService), new MetadataScanner(), new Reflector());
    expect(policy.undeclaredRoutes()).toEqual(['ForgottenController.open']);
    await expect(module.init()).rejects.toThrow('ForgottenController.open');
  });
});
