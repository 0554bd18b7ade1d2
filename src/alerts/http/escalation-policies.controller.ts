import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, PageQueryDto, type Plain, TargetMs } from '../../common/index.js';
import { EscalationPoliciesService } from '../escalation-policies.service.js';
import {
  EscalationPolicyDto,
  EscalationPolicyPageDto,
  EscalationPolicySettingsDto,
  toPolicyDto,
  toPolicySettings,
} from './escalation-policies.dto.js';
import { POLICY_ID } from './fields.js';

const PolicyIdParam = (): MethodDecorator =>
  ApiParam({ name: 'policyId', description: 'Id of the policy', example: POLICY_ID });

@ApiTags('Escalation policies')
@Controller('escalation-policies')
@Cost('cheap')
export class EscalationPoliciesController {
  constructor(private readonly policies: EscalationPoliciesService) {}

  @Post()
  @Permit('policies:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create an escalation policy',
    description: 'Who is told next, and when, while nobody acknowledges an alert and it does not resolve.',
  })
  @ApiCreatedResponse({ type: EscalationPolicyDto, description: 'The policy' })
  @ApiProblems(400, 403, 422)
  async create(
    @Caller() principal: Principal,
    @Body() body: EscalationPolicySettingsDto,
  ): Promise<Plain<EscalationPolicyDto>> {
    return toPolicyDto(await this.policies.create(principal, toPolicySettings(body)));
  }

  @Get()
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'List escalation policies', description: 'Those of the organization.' })
  @ApiOkResponse({ type: EscalationPolicyPageDto, description: 'A page of policies' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: PageQueryDto): Promise<Plain<EscalationPolicyPageDto>> {
    const { items, nextCursor } = await this.policies.list(scope, query.limit ?? 50, query.cursor);
    return { items: items.map(toPolicyDto), nextCursor };
  }

  @Get(':policyId')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One escalation policy', description: 'Its levels.' })
  @PolicyIdParam()
  @ApiOkResponse({ type: EscalationPolicyDto, description: 'The policy' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('policyId') policyId: string): Promise<Plain<EscalationPolicyDto>> {
    return toPolicyDto(await this.policies.get(scope, policyId));
  }

  @Put(':policyId')
  @Permit('policies:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Replace an escalation policy',
    description: 'For alerts that fire from now on: those that are on keep the policy as it was when they fired.',
  })
  @PolicyIdParam()
  @ApiOkResponse({ type: EscalationPolicyDto, description: 'The policy as it is now' })
  @ApiProblems(400, 403, 404, 422)
  async replace(
    @Caller() principal: Principal,
    @Param('policyId') policyId: string,
    @Body() body: EscalationPolicySettingsDto,
  ): Promise<Plain<EscalationPolicyDto>> {
    return toPolicyDto(await this.policies.replace(principal, policyId, toPolicySettings(body)));
  }

  @Delete(':policyId')
  @Permit('policies:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Delete an escalation policy', description: 'Only one that no rule escalates by.' })
  @PolicyIdParam()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404, 409)
  delete(@Caller() principal: Principal, @Param('policyId') policyId: string): Promise<void> {
    return this.policies.delete(principal, policyId);
  }
}
