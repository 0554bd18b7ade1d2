import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { toRange } from '../../metrics/index.js';
import { BacktestService } from '../backtest.service.js';
import { parseDuration } from '../domain/durations.js';
import { AlertRulesService } from '../rules.service.js';
import { BacktestDto, BacktestRequestDto, toBacktestDto } from './backtest.dto.js';
import { BACKTEST_EXAMPLES, RULE_EXAMPLES } from './examples.js';
import { RuleIdParam } from './fields.js';
import { AlertRuleDto, AlertRulePageDto, AlertRulesQueryDto } from './rule.dto.js';
import { toRuleDto, toRuleSettings } from './rule.mapper.js';
import { AlertRuleSettingsDto } from './rule-settings.dto.js';

@ApiTags('Alert rules')
@Controller('alerts')
@Cost('cheap')
export class AlertRulesController {
  constructor(
    private readonly rules: AlertRulesService,
    private readonly backtests: BacktestService,
    private readonly clock: Clock,
  ) {}

  @Post()
  @Permit('alerts:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create an alert rule',
    description:
      'A metric, a filter, a window, a condition with thresholds. It is evaluated at once, and then with every ingested run of its projects, or on its schedule; ingest does not wait for it.',
  })
  @ApiBody({ type: AlertRuleSettingsDto, examples: RULE_EXAMPLES })
  @ApiCreatedResponse({ type: AlertRuleDto, description: 'The rule' })
  @ApiProblems(400, 403, 404, 422)
  async create(@Caller() principal: Principal, @Body() body: AlertRuleSettingsDto): Promise<Plain<AlertRuleDto>> {
    return toRuleDto(await this.rules.create(principal, toRuleSettings(body)));
  }

  @Get()
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List alert rules',
    description: 'Those of projects that the caller may see, the oldest first.',
  })
  @ApiOkResponse({ type: AlertRulePageDto, description: 'A page of rules' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: AlertRulesQueryDto): Promise<Plain<AlertRulePageDto>> {
    const { project, enabled, limit = 50, cursor } = query;
    const filter = { ...(project !== undefined && { project }), ...(enabled !== undefined && { enabled }) };
    const { items, nextCursor } = await this.rules.list(scope, filter, limit, cursor);
    return { items: items.map(toRuleDto), nextCursor };
  }

  @Post('backtest')
  @Permit('alerts:read')
  @Cost('heavy')
  @HttpCode(200)
  @TargetMs(3000)
  @ApiOperation({
    summary: 'Try a rule on the past',
    description:
      'When it would have fired and resolved, evaluation by evaluation, through the same reader and state machine as a live rule; nothing is stored and nobody is told. The past is seen as it is known now, with what came in late. At most 400 evaluations; 100 for outside_expected and change_point, 60 for new failures and metrics of tests, runs and quality.',
  })
  @ApiBody({ type: BacktestRequestDto, examples: BACKTEST_EXAMPLES })
  @ApiOkResponse({ type: BacktestDto, description: 'The alerts that there would have been' })
  @ApiProblems(400, 403, 404, 422)
  async backtest(@Caller() principal: Principal, @Body() body: BacktestRequestDto): Promise<Plain<BacktestDto>> {
    const range = toRange(body.timeRange, this.clock.now(), '/timeRange');
    const step = body.step === undefined ? undefined : parseDuration(body.step);
    return toBacktestDto(await this.backtests.run(principal, toRuleSettings(body.rule), range, step));
  }

  @Get(':ruleId')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One alert rule', description: 'With its newest evaluation.' })
  @RuleIdParam()
  @ApiOkResponse({ type: AlertRuleDto, description: 'The rule' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('ruleId') ruleId: string): Promise<Plain<AlertRuleDto>> {
    return toRuleDto(await this.rules.get(scope, ruleId));
  }

  @Put(':ruleId')
  @Permit('alerts:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Replace an alert rule',
    description:
      'All settings; those left out go back to their defaults. With another metric, filter, condition or groupBy it asks another question, and its alerts end; other thresholds are applied at once. Open alerts go to the channels and groups that it names now; a channel that it no longer names hears nothing more of them.',
  })
  @RuleIdParam()
  @ApiBody({ type: AlertRuleSettingsDto, examples: RULE_EXAMPLES })
  @ApiOkResponse({ type: AlertRuleDto, description: 'The rule as it is now' })
  @ApiProblems(400, 403, 404, 422)
  async replace(
    @Caller() principal: Principal,
    @Param('ruleId') ruleId: string,
    @Body() body: AlertRuleSettingsDto,
  ): Promise<Plain<AlertRuleDto>> {
    return toRuleDto(await this.rules.replace(principal, ruleId, toRuleSettings(body)));
  }

  @Post(':ruleId/enable')
  @Permit('alerts:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({ summary: 'Switch a rule on', description: 'It is evaluated at once.' })
  @RuleIdParam()
  @ApiOkResponse({ type: AlertRuleDto, description: 'The rule as it is now' })
  @ApiProblems(403, 404)
  async enable(@Caller() principal: Principal, @Param('ruleId') ruleId: string): Promise<Plain<AlertRuleDto>> {
    return toRuleDto(await this.rules.setEnabled(principal, ruleId, true));
  }

  @Post(':ruleId/disable')
  @Permit('alerts:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({ summary: 'Switch a rule off', description: 'Its alerts end; who was told of them is told so.' })
  @RuleIdParam()
  @ApiOkResponse({ type: AlertRuleDto, description: 'The rule as it is now' })
  @ApiProblems(403, 404)
  async disable(@Caller() principal: Principal, @Param('ruleId') ruleId: string): Promise<Plain<AlertRuleDto>> {
    return toRuleDto(await this.rules.setEnabled(principal, ruleId, false));
  }

  @Delete(':ruleId')
  @Permit('alerts:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Delete an alert rule', description: 'Its alerts end, and stay as history.' })
  @RuleIdParam()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404)
  delete(@Caller() principal: Principal, @Param('ruleId') ruleId: string): Promise<void> {
    return this.rules.delete(principal, ruleId);
  }
}
