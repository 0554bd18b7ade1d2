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
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { GatesService } from '../gates.service.js';
import { GATE_ID } from './fields.js';
import { GateDto, GatePageDto, GateSettingsDto, GatesQueryDto, toGateDto, toSettings } from './gate.dto.js';

/** The demo has a gate that is enabled already, so this one is asked by its id. */
const EXAMPLES = {
  byName: {
    summary: 'A stricter gate, asked by its id (`gate=` of a verdict)',
    value: {
      name: 'Release gate',
      project: 'demo',
      enabled: false,
      rules: [
        { rule: 'failures', threshold: 0, severity: 'fail' },
        { rule: 'flakiness', threshold: 0.02, severity: 'warn' },
      ],
    },
  },
} as const;

const GateIdParam = (): MethodDecorator =>
  ApiParam({ name: 'gateId', description: 'Id of the gate', example: GATE_ID });

@ApiTags('Quality gates')
@Controller('quality-gates')
@Cost('cheap')
export class GatesController {
  constructor(private readonly gates: GatesService) {}

  @Post()
  @Permit('gates:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create a quality gate',
    description:
      'Rules as data, for one project or for the organization. Until there is one, a built-in gate judges: no new failures.',
  })
  @ApiBody({ type: GateSettingsDto, examples: EXAMPLES })
  @ApiCreatedResponse({ type: GateDto, description: 'The gate' })
  @ApiProblems(400, 403, 404, 409, 422)
  async create(@Caller() principal: Principal, @Body() body: GateSettingsDto): Promise<Plain<GateDto>> {
    return toGateDto(await this.gates.create(principal, toSettings(body)));
  }

  @Get()
  @Permit('quality:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List quality gates',
    description: 'Those of the organization and of the projects that the caller may see.',
  })
  @ApiOkResponse({ type: GatePageDto, description: 'A page of gates' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: GatesQueryDto): Promise<Plain<GatePageDto>> {
    const { items, nextCursor } = await this.gates.list(scope, query.project, query.limit ?? 50, query.cursor);
    return { items: items.map(toGateDto), nextCursor };
  }

  @Get(':gateId')
  @Permit('quality:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One quality gate', description: 'Its rules and what they are compared with.' })
  @GateIdParam()
  @ApiOkResponse({ type: GateDto, description: 'The gate' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('gateId') gateId: string): Promise<Plain<GateDto>> {
    return toGateDto(await this.gates.get(scope, gateId));
  }

  @Put(':gateId')
  @Permit('gates:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Replace a quality gate',
    description:
      'All settings; those left out go back to their defaults. Verdicts that are asked for from now on are given anew.',
  })
  @GateIdParam()
  @ApiBody({ type: GateSettingsDto, examples: EXAMPLES })
  @ApiOkResponse({ type: GateDto, description: 'The gate as it is now' })
  @ApiProblems(400, 403, 404, 409, 422)
  async replace(
    @Caller() principal: Principal,
    @Param('gateId') gateId: string,
    @Body() body: GateSettingsDto,
  ): Promise<Plain<GateDto>> {
    return toGateDto(await this.gates.replace(principal, gateId, toSettings(body)));
  }

  @Delete(':gateId')
  @Permit('gates:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Delete a quality gate',
    description: 'The gate of the organization, or the built-in one, judges from now on.',
  })
  @GateIdParam()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404)
  delete(@Caller() principal: Principal, @Param('gateId') gateId: string): Promise<void> {
    return this.gates.delete(principal, gateId);
  }
}
