import { createHash } from 'node:crypto';
import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { DEFAULT_POLICY } from '../domain/quarantine.js';
import { QuarantinePolicyService } from '../quarantine-policy.service.js';
import { QuarantineService } from '../quarantine.service.js';
import { QUARANTINE_ID } from './fields.js';
import {
  PolicyOutlookDto,
  PolicyPreviewDto,
  QuarantinePolicyDto,
  StoredPolicyDto,
  toOutlookDto,
  toPolicyChanges,
  toPolicyDto,
} from './quarantine-policy.dto.js';
import {
  CreateQuarantineDto,
  QuarantineDto,
  QuarantineListDto,
  QuarantineListQueryDto,
  QuarantinePageDto,
  QuarantineProjectQueryDto,
  QuarantinesQueryDto,
  toListDto,
  toListText,
  toQuarantineDto,
} from './quarantine.dto.js';

@ApiTags('Quarantine')
@Controller('quarantine')
@Cost('cheap')
export class QuarantineController {
  constructor(
    private readonly quarantine: QuarantineService,
    private readonly policies: QuarantinePolicyService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Permit('tests:annotate')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Put a test into quarantine',
    description:
      'Its failures do not count in gates until it expires, is lifted, or the test is stable again. A test stays once at a time.',
  })
  @ApiCreatedResponse({ type: QuarantineDto, description: 'The stay that has begun' })
  @ApiProblems(400, 403, 404, 409, 422)
  async create(@Caller() principal: Principal, @Body() body: CreateQuarantineDto): Promise<Plain<QuarantineDto>> {
    const { testId, reason, owner, expiresAt } = body;
    const added = await this.quarantine.add(principal, { testId, reason, owner, expiresAt: new Date(expiresAt) });
    return toQuarantineDto(added, this.clock.now());
  }

  @Get()
  @Permit('quality:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'Tests in quarantine, and those that were', description: 'With reason, owner and end.' })
  @ApiOkResponse({ type: QuarantinePageDto, description: 'A page of stays' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: QuarantinesQueryDto): Promise<Plain<QuarantinePageDto>> {
    const { project, test: testId, state, limit = 50, cursor } = query;
    const { items, nextCursor } = await this.quarantine.list(scope, { project, testId, state }, limit, cursor);
    const now = this.clock.now();
    return { items: items.map((one) => toQuarantineDto(one, now)), nextCursor };
  }

  @Get('list')
  @Permit('quality:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'What a test runner leaves out',
    description:
      'The tests of a project that are in quarantine now, whole, each under all its names; as JSON, or as lines of suite and name with a tab between.',
  })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the answer before' })
  @ApiExtraModels(QuarantineListDto)
  @ApiProduces('application/json', 'text/plain')
  @ApiOkResponse({
    description: 'The tests',
    headers: { ETag: { description: 'Version of the list, weak', schema: { type: 'string' } } },
    content: {
      'application/json': { schema: { $ref: getSchemaPath(QuarantineListDto) } },
      'text/plain': { schema: { type: 'string', example: 'checkout/payment\tpays with a voucher\n' } },
    },
  })
  @ApiResponse({ status: 304, description: 'It is the one that If-None-Match names' })
  @ApiProblems(403, 404, 422)
  async runnerList(
    @Caller() { scope }: Principal,
    @Query() { project, format }: QuarantineListQueryDto,
    @Headers('accept') accept: string | undefined,
    @Headers('if-none-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<QuarantineListDto> | string | undefined> {
    const tests = await this.quarantine.activeOf(scope, project);
    const asText = format === undefined ? isTextOnly(accept) : format === 'text';
    const text = asText ? toListText(tests) : JSON.stringify(toListDto(project, tests));
    if (isUnchanged(reply, text, match)) return undefined;
    if (!asText) return toListDto(project, tests);
    void reply.type('text/plain; charset=utf-8');
    return text;
  }

  @Get('policy')
  @Permit('quality:read')
  @TargetMs(50)
  @ApiOperation({
    summary: "A project's quarantine policy",
    description: 'The default one, which is off, where nobody has set any.',
  })
  @ApiOkResponse({ type: StoredPolicyDto, description: 'The policy' })
  @ApiProblems(403, 404, 422)
  async policy(
    @Caller() { scope }: Principal,
    @Query() { project }: QuarantineProjectQueryDto,
  ): Promise<Plain<StoredPolicyDto>> {
    return toPolicyDto(project, await this.policies.get(scope, project));
  }

  @Put('policy')
  @Permit('gates:write')
  @TargetMs(50)
  @ApiOperation({
    summary: "Set a project's quarantine policy",
    description:
      'Fields left out go back to their defaults. The worker applies it within a minute; a test that was let out comes back for new evidence only.',
  })
  @ApiOkResponse({ type: StoredPolicyDto, description: 'The policy as it is now' })
  @ApiProblems(400, 403, 404, 422)
  async setPolicy(
    @Caller() principal: Principal,
    @Query() { project }: QuarantineProjectQueryDto,
    @Body() body: QuarantinePolicyDto,
  ): Promise<Plain<StoredPolicyDto>> {
    const policy = { ...DEFAULT_POLICY, ...toPolicyChanges(body) };
    return toPolicyDto(project, await this.policies.put(principal, project, policy));
  }

  @Post('policy/preview')
  @Permit('quality:read')
  @Cost('query')
  @HttpCode(200)
  @TargetMs(300)
  @ApiOperation({
    summary: 'What a policy would do now',
    description: 'A dry run: nothing is changed. Fields left out are those of the policy that is set.',
  })
  @ApiOkResponse({ type: PolicyOutlookDto, description: 'What would begin and end' })
  @ApiProblems(400, 403, 404, 422, 503)
  async preview(@Caller() { scope }: Principal, @Body() body: PolicyPreviewDto): Promise<Plain<PolicyOutlookDto>> {
    const outlook = await this.policies.preview(scope, body.project, toPolicyChanges(body));
    return toOutlookDto(outlook, this.clock.now());
  }

  @Delete(':quarantineId')
  @Permit('tests:annotate')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Let a test out',
    description: 'Its failures count again. The stay remains in the history.',
  })
  @ApiParam({ name: 'quarantineId', description: 'Id of the stay', example: QUARANTINE_ID })
  @ApiNoContentResponse({ description: 'It has ended' })
  @ApiProblems(403, 404, 409)
  lift(@Caller() principal: Principal, @Param('quarantineId') quarantineId: string): Promise<void> {
    return this.quarantine.lift(principal, quarantineId);
  }
}

const isTextOnly = (accept = ''): boolean => /\btext\/plain\b/.test(accept) && !accept.includes('json');

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Sets the ETag; true, and 304, where the client has that answer already. */
const isUnchanged = (reply: FastifyReply, content: string, ifNoneMatch = ''): boolean => {
  const tag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
  void reply.header('etag', tag).header('cache-control', 'private, no-cache').header('vary', 'accept');
  const known = ifNoneMatch.split(',').some((one) => one.trim() === '*' || opaque(one) === opaque(tag));
  if (known) void reply.status(304);
  return known;
};
