import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiExtraModels, ApiProperty, ApiResponse, getSchemaPath } from '@nestjs/swagger';

class FieldProblemDto {
  @ApiProperty({ description: 'RFC 6901 JSON pointer to the field', example: '/results/3/status' })
  pointer: string;

  @ApiProperty({ description: 'What is wrong with it', example: 'must be one of: passed, failed, broken' })
  detail: string;
}

/** RFC 9457 problem document, as it stands in the OpenAPI document. */
export class ProblemDto {
  @ApiProperty({
    description: 'URI of the kind of problem',
    example: 'https://errors.execution-reporting.dev/not_found',
  })
  type: string;

  @ApiProperty({ description: 'Title of the HTTP status', example: 'Not Found' })
  title: string;

  @ApiProperty({ description: 'HTTP status', example: 404 })
  status: number;

  @ApiProperty({ description: 'What happened, for a person', example: 'Run not found' })
  detail: string;

  @ApiProperty({
    description: 'Path of the request; a token in it is left out',
    example: '/api/v1/execution-reporting/runs/65f0c0ffee',
  })
  instance: string;

  @ApiProperty({ description: 'Stable code, for a program', example: 'not_found' })
  code: string;

  @ApiProperty({ type: [FieldProblemDto], required: false, description: 'The fields that are wrong' })
  errors?: FieldProblemDto[];

  @ApiProperty({ description: 'The id under which the log holds this request', example: 'req-1a' })
  requestId: string;
}

export interface ProblemKind {
  /** What it means, for every route. */
  readonly description: string;
  /** An example of its code and detail. */
  readonly code: string;
  readonly detail: string;
}

/** The error responses of the API by their status. */
export const PROBLEMS: Readonly<Record<number, ProblemKind>> = {
  400: { description: 'The request cannot be read', code: 'malformed_json', detail: 'The body is not valid JSON' },
  401: { description: 'No valid token or API key', code: 'unauthenticated', detail: 'A token or API key is needed' },
  403: {
    description: 'The role or the API key does not allow it',
    code: 'permission_missing',
    detail: 'This needs the permission runs:read',
  },
  404: { description: 'Not there, or not yours', code: 'not_found', detail: 'Run not found' },
  409: {
    description: 'In conflict with what is stored',
    code: 'project_exists',
    detail: 'There is a project of this key already',
  },
  412: {
    description: 'The version named in If-Match is stale',
    code: 'stale_version',
    detail: 'It was changed since: read it again',
  },
  413: { description: 'The body is too large', code: 'too_large', detail: 'Request body is too large' },
  415: {
    description: 'The media type is not supported',
    code: 'unsupported_media_type',
    detail: 'Unsupported Media Type',
  },
  422: {
    description: 'Well-formed, and wrong: each field has its pointer',
    code: 'validation_failed',
    detail: 'Some fields are not valid',
  },
  428: {
    description: 'If-Match is missing',
    code: 'if_match_missing',
    detail: 'Send the ETag of what you change as If-Match',
  },
  429: {
    description: 'Too many requests: see Retry-After',
    code: 'rate_limited',
    detail: 'At most 600 such requests a minute',
  },
  500: {
    description: 'The service failed: the log has the cause under the requestId',
    code: 'internal',
    detail: 'The service could not answer; the log holds the cause under this request id',
  },
  503: {
    description: 'A part of the service is away or busy: send it again after Retry-After',
    code: 'database_away',
    detail: 'The database is away; send it again',
  },
};

/**
 * Documents the error responses that a route has of its own. Those that follow from its guards and its body (401, 429,
 * 500, 503; 400, 413, 415) are added where the document is built (server/openapi-problems.ts).
 */
export const ApiProblems = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ProblemDto),
    ...[...new Set(statuses)].map((status) =>
      ApiResponse({
        status,
        description: PROBLEMS[status]?.description ?? 'Error',
        content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
      }),
    ),
  );

/** The p95 in ms that the route is built to reach, alone on two cores (measured in bench/RESULTS.md). */
export const TargetMs = (ms: number): MethodDecorator => ApiExtension('x-target-ms', ms);
