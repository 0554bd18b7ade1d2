import type { OpenAPIObject } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { PROBLEMS, type ProblemKind } from '../common/index.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;

const MEDIA_TYPE = 'application/problem+json';
const LINK_REFUSED: ProblemKind = {
  description: 'The link was altered, is over or was revoked',
  code: 'link_invalid',
  detail: 'This link is not valid or no longer valid',
};
const LINK_OR_ROLE_REFUSED: ProblemKind = {
  ...LINK_REFUSED,
  description: 'The link was altered, is over or was revoked; or the role or API key does not allow it',
};
const WITH_POINTERS = { errors: [{ pointer: '/name', detail: 'must be a text of 1 to 200 characters' }] };

const responseOf = (status: number, { description, code, detail }: ProblemKind): Responses[string] => ({
  description,
  ...((status === 429 || status === 503) && {
    headers: { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', example: 5 } } },
  }),
  content: {
    [MEDIA_TYPE]: {
      schema: { $ref: '#/components/schemas/ProblemDto' },
      example: {
        type: `https://errors.execution-reporting.dev/${code}`,
        title: STATUS_CODES[status] ?? 'Error',
        status,
        detail,
        instance: '/api/v1/execution-reporting/runs',
        code,
        ...(status === 422 && WITH_POINTERS),
        requestId: '0f4b2c1e-8f0d-4c52-9a55-3b8f6f0e1a77',
      },
    },
  },
});

const OF_LINKS = { LinkRefused: LINK_REFUSED, LinkOrRoleRefused: LINK_OR_ROLE_REFUSED } as const;

/** One response for each status: operations refer to it. */
export const PROBLEM_RESPONSES: Responses = {
  ...Object.fromEntries(
    Object.entries(PROBLEMS).map(([status, kind]) => [`Problem${status}`, responseOf(Number(status), kind)]),
  ),
  ...Object.fromEntries(Object.entries(OF_LINKS).map(([name, kind]) => [name, responseOf(403, kind)])),
};

/** Guarded, or limited in its rate: it reads the database, and may find it away. */
const implied = ({ security = [], requestBody, parameters = [], ...operation }: Operation): number[] => {
  const needsToken = security.length > 0;
  const isLimited = needsToken || 'x-cost-class' in operation;
  return [
    ...(needsToken ? [401] : []),
    ...('x-permission' in operation ? [403] : []),
    ...(isLimited ? [429, 500, 503] : []),
    ...(requestBody ? [400, 413, 415] : []),
    ...(parameters.some((one) => 'in' in one && one.in === 'query') ? [422] : []),
  ];
};

const nameOf = (status: string, { security = [] }: Operation): string => {
  if (status !== '403') return `Problem${status}`;
  if (security.length === 0) return 'LinkRefused';
  return security.some((requirement) => Object.keys(requirement).length === 0) ? 'LinkOrRoleRefused' : 'Problem403';
};

const isProblem = (response: object): boolean =>
  'content' in response && Object.keys(response.content as object).join() === MEDIA_TYPE;

/** The operation with every error response that its guards, its body and its own code give. */
export const withProblems = (operation: Operation): Operation => {
  const own = Object.entries(operation.responses).filter(([, response]) => response !== undefined);
  const results = own.filter(([, response]) => !isProblem(response as object));
  const statuses = own.filter(([, response]) => isProblem(response as object)).map(([status]) => status);
  const problems = [...statuses, ...implied(operation).map(String)]
    .filter((status) => !results.some(([taken]) => taken === status))
    .map((status) => [status, { $ref: `#/components/responses/${nameOf(status, operation)}` }] as const);
  return { ...operation, responses: Object.fromEntries([...results, ...problems]) };
};
