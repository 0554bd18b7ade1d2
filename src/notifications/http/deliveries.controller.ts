import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { DeliveriesService } from '../deliveries.service.js';
import { DeliveriesQueryDto, DeliveryDto, DeliveryPageDto, toDeliveryDto } from './delivery.dto.js';
import { CHANNEL_ID, DELIVERY_ID } from './fields.js';
import { MOST_REPLAYED, ReplayDeliveriesDto, ReplayedDto } from './replay.dto.js';

const DeliveryId = (): MethodDecorator =>
  ApiParam({ name: 'deliveryId', description: 'Id of the delivery', example: DELIVERY_ID });
const at = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

@ApiTags('Notifications')
@Controller('notifications/deliveries')
@Cost('cheap')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  @Permit('notifications:read')
  @Cost('query')
  @TargetMs(100)
  @ApiOperation({
    summary: 'Delivery log',
    description:
      'Each message with its attempts: when, how long, what was answered, when it is tried next. Kept 90 days.',
  })
  @ApiOkResponse({ type: DeliveryPageDto, description: 'A page of deliveries' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: DeliveriesQueryDto): Promise<Plain<DeliveryPageDto>> {
    const { limit = 50, cursor, from, to, ...filter } = query;
    const page = await this.deliveries.list(scope, { ...filter, from: at(from), to: at(to) }, limit, cursor);
    return { items: page.items.map(toDeliveryDto), nextCursor: page.nextCursor };
  }

  @Get(':deliveryId')
  @Permit('notifications:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'A delivery', description: 'With its newest attempts.' })
  @DeliveryId()
  @ApiOkResponse({ type: DeliveryDto, description: 'The delivery' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('deliveryId') deliveryId: string): Promise<Plain<DeliveryDto>> {
    return toDeliveryDto(await this.deliveries.get(scope, deliveryId));
  }

  @Post('replay')
  @Permit('notifications:write')
  @Cost('heavy')
  @HttpCode(200)
  @TargetMs(500)
  @ApiOperation({
    summary: 'Send dead letters again',
    description:
      'For after an outage: those that the filter names, the oldest first, are due now, with all their retries, each under its id. Messages that were held for one mail go in that mail. Ask again while `more` is true. In the audit log.',
  })
  @ApiBody({
    type: ReplayDeliveriesDto,
    examples: {
      channel: { summary: 'Everything that one channel has missed', value: { channelId: CHANNEL_ID } },
      outage: {
        summary: 'Mails that failed during an outage of the mail server',
        value: { channelKind: 'email', from: '2026-06-29T00:00:00Z', to: '2026-06-30T00:00:00Z', limit: 500 },
      },
    },
  })
  @ApiOkResponse({ type: ReplayedDto, description: 'How many are pending' })
  @ApiProblems(400, 403, 422)
  async replayMany(@Caller() principal: Principal, @Body() body: ReplayDeliveriesDto): Promise<ReplayedDto> {
    const { limit = MOST_REPLAYED, from, to, ...filter } = body;
    return this.deliveries.replayMany(principal, { ...filter, from: at(from), to: at(to) }, limit);
  }

  @Post(':deliveryId/replay')
  @Permit('notifications:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Send a delivery again',
    description: 'One that is failed, disabled or cancelled is due now, with all its retries, under the same id.',
  })
  @DeliveryId()
  @ApiOkResponse({ type: DeliveryDto, description: 'The delivery, which is pending' })
  @ApiProblems(403, 404, 409)
  async replay(@Caller() principal: Principal, @Param('deliveryId') deliveryId: string): Promise<Plain<DeliveryDto>> {
    return toDeliveryDto(await this.deliveries.replay(principal, deliveryId));
  }

  @Post(':deliveryId/cancel')
  @Permit('notifications:write')
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Take a delivery back',
    description: 'While it waits; one that is being sent is not stopped.',
  })
  @DeliveryId()
  @ApiOkResponse({ type: DeliveryDto, description: 'The delivery, which is cancelled' })
  @ApiProblems(403, 404, 409)
  async cancel(@Caller() principal: Principal, @Param('deliveryId') deliveryId: string): Promise<Plain<DeliveryDto>> {
    return toDeliveryDto(await this.deliveries.cancel(principal, deliveryId));
  }
}
