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

const MEANING: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'No valid token or API key',
  403: 'The role does not allow it',
  404: 'Not there, or not yours',
  409: 'In conflict with what is stored',
  412: 'The version named in If-Match is stale',
  413: 'The body is too large',
  415: 'The media type is not supported',
  422: 'Well-formed, and wrong: each field has its pointer',
  428: 'If-Match is missing',
  429: 'Too many requests: see Retry-After',
  500: 'The service failed: the log has the cause under the requestId',
  503: 'A part of the service is away',
};

/** Documents the error responses of a route; 401, 429 and 500 are always among them. */
export const ApiProblems = (...statuses: number[]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiExtraModels(ProblemDto),
    ...[...new Set([...statuses, 401, 429, 500])]
      .sort((a, b) => a - b)
      .map((status) =>
        ApiResponse({
          status,
          description: MEANING[status] ?? 'Error',
          content: { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemDto) } } },
        }),
      ),
  );

/** The p95 in ms that the route is built to reach, alone on two cores (design.md section 9). */
export const TargetMs = (ms: number): MethodDecorator => ApiExtension('x-target-ms', ms);
