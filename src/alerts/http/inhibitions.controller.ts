import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, PageQueryDto, type Plain, TargetMs } from '../../common/index.js';
import { InhibitionsService } from '../inhibitions.service.js';
import { INHIBITION_EXAMPLES } from './examples.js';
import { INHIBITION_ID } from './fields.js';
import {
  InhibitionDto,
  InhibitionPageDto,
  InhibitionSettingsDto,
  toInhibitionDto,
  toInhibitionSettings,
} from './inhibitions.dto.js';

const InhibitionIdParam = (): MethodDecorator =>
  ApiParam({ name: 'inhibitionRuleId', description: 'Id of the inhibition rule', example: INHIBITION_ID });

@ApiTags('Inhibition rules')
@Controller('inhibition-rules')
@Cost('cheap')
export class InhibitionsController {
  constructor(private readonly inhibitions: InhibitionsService) {}

  @Post()
  @Permit('policies:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create an inhibition rule',
    description:
      'While an alert that matches the source fires, alerts that match the target and agree with it in the equal labels are not told of. What matches both sides is never muted by its like, and nothing mutes itself.',
  })
  @ApiBody({ type: InhibitionSettingsDto, examples: INHIBITION_EXAMPLES })
  @ApiCreatedResponse({ type: InhibitionDto, description: 'The rule' })
  @ApiProblems(400, 403, 422)
  async create(@Caller() principal: Principal, @Body() body: InhibitionSettingsDto): Promise<Plain<InhibitionDto>> {
    return toInhibitionDto(await this.inhibitions.create(principal, toInhibitionSettings(body)));
  }

  @Get()
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'List inhibition rules', description: 'Those of the organization.' })
  @ApiOkResponse({ type: InhibitionPageDto, description: 'A page of rules' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: PageQueryDto): Promise<Plain<InhibitionPageDto>> {
    const { items, nextCursor } = await this.inhibitions.list(scope, query.limit ?? 50, query.cursor);
    return { items: items.map(toInhibitionDto), nextCursor };
  }

  @Get(':inhibitionRuleId')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One inhibition rule', description: 'What mutes what.' })
  @InhibitionIdParam()
  @ApiOkResponse({ type: InhibitionDto, description: 'The rule' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('inhibitionRuleId') id: string): Promise<Plain<InhibitionDto>> {
    return toInhibitionDto(await this.inhibitions.get(scope, id));
  }

  @Put(':inhibitionRuleId')
  @Permit('policies:write')
  @TargetMs(50)
  @ApiOperation({ summary: 'Replace an inhibition rule', description: 'All of it.' })
  @InhibitionIdParam()
  @ApiBody({ type: InhibitionSettingsDto, examples: INHIBITION_EXAMPLES })
  @ApiOkResponse({ type: InhibitionDto, description: 'The rule as it is now' })
  @ApiProblems(400, 403, 404, 422)
  async replace(
    @Caller() principal: Principal,
    @Param('inhibitionRuleId') id: string,
    @Body() body: InhibitionSettingsDto,
  ): Promise<Plain<InhibitionDto>> {
    return toInhibitionDto(await this.inhibitions.replace(principal, id, toInhibitionSettings(body)));
  }

  @Delete(':inhibitionRuleId')
  @Permit('policies:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Delete an inhibition rule', description: 'What it muted and is still on is told now.' })
  @InhibitionIdParam()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404)
  delete(@Caller() principal: Principal, @Param('inhibitionRuleId') id: string): Promise<void> {
    return this.inhibitions.delete(principal, id);
  }
}
