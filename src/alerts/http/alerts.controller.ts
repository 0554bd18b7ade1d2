import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { AlertActionsService } from '../alert-actions.service.js';
import { AlertStatusService } from '../alert-status.service.js';
import { parseDuration } from '../domain/durations.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { AcknowledgeDto, CommentDto, SnoozeRequestDto } from './actions.dto.js';
import { AlertIdParam } from './fields.js';
import { AlertDto } from './alert.dto.js';
import { AlertStatusDto, AlertStatusQueryDto, IncidentsDto, IncidentsQueryDto } from './status.dto.js';
import { toAlertDto, toIncidentsDto, toStatusDto } from './status.mapper.js';

@ApiTags('Alerts')
@Controller('alerts')
@Cost('cheap')
export class AlertsController {
  constructor(
    private readonly alerts: AlertStatusService,
    private readonly actions: AlertActionsService,
    private readonly clock: Clock,
  ) {}

  @Get('status')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Where alerts stand',
    description:
      'Overall, counts by state and severity, and the alerts themselves, with their history where asked for. What has resolved is kept for 400 days.',
  })
  @ApiOkResponse({ type: AlertStatusDto, description: 'The status' })
  @ApiProblems(403, 422)
  async status(@Caller() { scope }: Principal, @Query() query: AlertStatusQueryDto): Promise<Plain<AlertStatusDto>> {
    return toStatusDto(await this.alerts.status(scope, query));
  }

  @Get('incidents')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Alerts of one cause, together',
    description:
      'Open alerts that share a run, a commit or a failure cluster are one incident, which names what they share. An alert that shares nothing is in none.',
  })
  @ApiOkResponse({ type: IncidentsDto, description: 'The incidents that are open' })
  @ApiProblems(403, 422)
  async incidents(
    @Caller() { scope }: Principal,
    @Query() { project }: IncidentsQueryDto,
  ): Promise<Plain<IncidentsDto>> {
    return toIncidentsDto(await this.alerts.incidents(scope, project));
  }

  @Get('instances/:alertId')
  @Permit('alerts:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One alert', description: 'With the newest 50 entries of its timeline.' })
  @AlertIdParam()
  @ApiOkResponse({ type: AlertDto, description: 'The alert' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('alertId') alertId: string): Promise<Plain<AlertDto>> {
    return this.view(await this.actions.find(scope, alertId));
  }

  @Post('instances/:alertId/acknowledge')
  @Permit('alerts:acknowledge')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Acknowledge an alert',
    description:
      'Somebody has it: nothing is repeated, and its escalation stops. With a timeout the escalation goes on then, where it was.',
  })
  @AlertIdParam()
  @ApiOkResponse({ type: AlertDto, description: 'The alert as it is now' })
  @ApiProblems(400, 403, 404, 409, 422)
  async acknowledge(
    @Caller() principal: Principal,
    @Param('alertId') alertId: string,
    @Body() { timeout, note }: AcknowledgeDto,
  ): Promise<Plain<AlertDto>> {
    const options = { ...(timeout !== undefined && { until: this.in(timeout) }), ...(note !== undefined && { note }) };
    return this.view(await this.actions.acknowledge(actorOf(principal), alertId, options));
  }

  @Post('instances/:alertId/resolve')
  @Permit('alerts:acknowledge')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Resolve an alert by hand',
    description: "It comes back when it is still wrong at the next evaluation, after the rule's cooldown.",
  })
  @AlertIdParam()
  @ApiOkResponse({ type: AlertDto, description: 'The alert as it is now' })
  @ApiProblems(403, 404, 409)
  async resolve(@Caller() principal: Principal, @Param('alertId') alertId: string): Promise<Plain<AlertDto>> {
    return this.view(await this.actions.resolve(actorOf(principal), alertId));
  }

  @Post('instances/:alertId/snooze')
  @Permit('alerts:acknowledge')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Put an alert off',
    description:
      'Nothing is told of it for so long, by any channel; levels of an escalation that wait for an acknowledgement are passed over.',
  })
  @AlertIdParam()
  @ApiOkResponse({ type: AlertDto, description: 'The alert as it is now' })
  @ApiProblems(400, 403, 404, 409, 422)
  async snooze(
    @Caller() principal: Principal,
    @Param('alertId') alertId: string,
    @Body() body: SnoozeRequestDto,
  ): Promise<Plain<AlertDto>> {
    return this.view(await this.actions.snooze(actorOf(principal), alertId, this.in(body.for)));
  }

  @Post('instances/:alertId/comments')
  @Permit('alerts:acknowledge')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Say something about an alert',
    description: 'It stands in the timeline, in whatever state the alert is.',
  })
  @AlertIdParam()
  @ApiCreatedResponse({ type: AlertDto, description: 'The alert with its timeline' })
  @ApiProblems(400, 403, 404, 422)
  async comment(
    @Caller() principal: Principal,
    @Param('alertId') alertId: string,
    @Body() { text }: CommentDto,
  ): Promise<Plain<AlertDto>> {
    return this.view(await this.actions.comment(actorOf(principal), alertId, text));
  }

  private async view(alert: StoredAlert): Promise<Plain<AlertDto>> {
    return toAlertDto(await this.alerts.view(alert));
  }

  private in(duration: string): Date {
    return new Date(this.clock.now().getTime() + (parseDuration(duration) ?? 0));
  }
}

const actorOf = (principal: Principal) => ({ scope: principal.scope, actor: principal });
