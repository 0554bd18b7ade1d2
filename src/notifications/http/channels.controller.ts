import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
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
import { type ChannelWithSecret, ChannelsService } from '../channels.service.js';
import { ChannelTester } from '../delivery/channel-tester.js';
import {
  ChannelDto,
  ChannelPageDto,
  ChannelsQueryDto,
  ChannelWithSecretDto,
  CreateChannelDto,
  RotateSecretDto,
  toChannelDto,
  UpdateChannelDto,
} from './channel.dto.js';
import { DeliveryDto, toDeliveryDto } from './delivery.dto.js';
import { CREATE_CHANNEL_EXAMPLES, UPDATE_CHANNEL_EXAMPLES } from './examples.js';
import { CHANNEL_ID } from './fields.js';

const GRACE_HOURS = 24;
const ChannelId = (): MethodDecorator =>
  ApiParam({ name: 'channelId', description: 'Id of the channel', example: CHANNEL_ID });

@ApiTags('Channels')
@Controller('channels')
@Cost('cheap')
export class ChannelsController {
  constructor(
    private readonly channels: ChannelsService,
    private readonly tester: ChannelTester,
  ) {}

  @Post()
  @Permit('channels:write')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Create a channel',
    description:
      'A way to reach people or programs: email, slack, teams, webhook or inbox. Where its URL or mail server leads is checked now and at each sending: public addresses only, by https, unless the installation trusts its network. Secrets are encrypted and never returned; a webhook gets a signing secret, which this answer shows once.',
  })
  @ApiBody({ type: CreateChannelDto, examples: CREATE_CHANNEL_EXAMPLES })
  @ApiCreatedResponse({ type: ChannelWithSecretDto, description: 'The channel' })
  @ApiProblems(400, 403, 409, 422)
  async create(@Caller() principal: Principal, @Body() body: CreateChannelDto): Promise<Plain<ChannelWithSecretDto>> {
    return withSecret(await this.channels.create(principal, body));
  }

  @Get()
  @Permit('notifications:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'Channels', description: "The organization's, and those of the caller's projects." })
  @ApiOkResponse({ type: ChannelPageDto, description: 'A page of channels' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: ChannelsQueryDto): Promise<Plain<ChannelPageDto>> {
    const { kind, project, enabled, limit = 50, cursor } = query;
    const { items, nextCursor } = await this.channels.list(scope, { kind, project, enabled }, limit, cursor);
    return { items: items.map(toChannelDto), nextCursor };
  }

  @Get(':channelId')
  @Permit('notifications:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'A channel', description: 'Its settings without the secrets.' })
  @ChannelId()
  @ApiOkResponse({ type: ChannelDto, description: 'The channel' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('channelId') channelId: string): Promise<Plain<ChannelDto>> {
    return toChannelDto(await this.channels.get(scope, channelId));
  }

  @Patch(':channelId')
  @Permit('channels:write')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Change a channel',
    description:
      'Fields left out stay. The settings of its kind are replaced as a whole, secrets included; a webhook keeps its signing secret.',
  })
  @ChannelId()
  @ApiBody({ type: UpdateChannelDto, examples: UPDATE_CHANNEL_EXAMPLES })
  @ApiOkResponse({ type: ChannelDto, description: 'The channel as it is now' })
  @ApiProblems(400, 403, 404, 409, 422)
  async update(
    @Caller() principal: Principal,
    @Param('channelId') channelId: string,
    @Body() body: UpdateChannelDto,
  ): Promise<Plain<ChannelDto>> {
    return toChannelDto(await this.channels.update(principal, channelId, body));
  }

  @Delete(':channelId')
  @Permit('channels:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Delete a channel',
    description:
      'What waits to be sent over it is cancelled. One that an alert rule, an escalation policy or a schedule names is in use: the answer is 409 `channel_in_use`, and its `usedBy` names those that the caller may see.',
  })
  @ChannelId()
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404, 409)
  remove(@Caller() principal: Principal, @Param('channelId') channelId: string): Promise<void> {
    return this.channels.remove(principal, channelId);
  }

  @Post(':channelId/test')
  @Permit('channels:write')
  @Cost('heavy')
  @HttpCode(200)
  @TargetMs(15_000)
  @ApiOperation({
    summary: 'Send a test message',
    description:
      'One attempt, made now, even where the channel is disabled; the answer says what came of it. It is not tried again. The target depends on the receiver, which has 15 s.',
  })
  @ChannelId()
  @ApiOkResponse({ type: DeliveryDto, description: 'What came of it: `state` is delivered or failed' })
  @ApiProblems(403, 404)
  async test(@Caller() principal: Principal, @Param('channelId') channelId: string): Promise<Plain<DeliveryDto>> {
    return toDeliveryDto(await this.tester.test(principal, channelId));
  }

  @Post(':channelId/rotate-secret')
  @Permit('channels:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Make a new signing secret',
    description: 'For webhooks. During the grace period each request carries a signature with the old secret too.',
  })
  @ChannelId()
  @ApiOkResponse({
    type: ChannelWithSecretDto,
    description: 'The channel, and the new secret, which is shown this once',
  })
  @ApiProblems(400, 403, 404, 422)
  async rotate(
    @Caller() principal: Principal,
    @Param('channelId') channelId: string,
    @Body() { graceHours = GRACE_HOURS }: RotateSecretDto,
  ): Promise<Plain<ChannelWithSecretDto>> {
    return withSecret(await this.channels.rotate(principal, channelId, graceHours));
  }

  @Post(':channelId/disable')
  @Permit('channels:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Disable a channel',
    description: 'Nothing is sent over it. What comes meanwhile is kept as disabled, and can be sent again by hand.',
  })
  @ChannelId()
  @ApiOkResponse({ type: ChannelDto, description: 'The channel as it is now' })
  @ApiProblems(403, 404)
  async disable(@Caller() principal: Principal, @Param('channelId') channelId: string): Promise<Plain<ChannelDto>> {
    return toChannelDto(await this.channels.setEnabled(principal, channelId, false));
  }

  @Post(':channelId/enable')
  @Permit('channels:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Enable a channel',
    description:
      'Also one that was switched off since its receiver was gone; a wait that the receiver asked for (Retry-After) ends.',
  })
  @ChannelId()
  @ApiOkResponse({ type: ChannelDto, description: 'The channel as it is now' })
  @ApiProblems(403, 404)
  async enable(@Caller() principal: Principal, @Param('channelId') channelId: string): Promise<Plain<ChannelDto>> {
    return toChannelDto(await this.channels.setEnabled(principal, channelId, true));
  }
}

const withSecret = ({ channel, secret }: ChannelWithSecret): Plain<ChannelWithSecretDto> => ({
  ...toChannelDto(channel),
  secret: secret ?? null,
});
