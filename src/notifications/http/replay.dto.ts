import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, IsArray, IsIn, IsInt, IsISO8601, Max, Min } from 'class-validator';
import { IsText } from '../../common/index.js';
import { CHANNEL_KINDS, type ChannelKind } from '../domain/channel.js';
import { DEAD, type DeliveryState } from '../domain/delivery.js';
import { CHANNEL_ID, IfGiven, IsId } from './fields.js';

export const MOST_REPLAYED = 1_000;

const OptionalInstant = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ description, format: 'date-time', example: '2026-06-29T00:00:00Z' }),
    IfGiven(),
    IsISO8601({ strict: true, strictSeparator: true }),
  );

export class ReplayDeliveriesDto {
  @ApiPropertyOptional({
    description: 'failed: tried often enough; disabled: its channel was, and may be enabled again by now',
    enum: DEAD,
    isArray: true,
    default: ['failed'],
    example: ['failed', 'disabled'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @IsIn(DEAD, { each: true })
  states?: DeliveryState[];

  @ApiPropertyOptional({ description: 'Id of a channel', example: CHANNEL_ID })
  @IfGiven()
  @IsId()
  channelId?: string;

  @ApiPropertyOptional({ description: 'Kind of channel', enum: CHANNEL_KINDS, example: 'webhook' })
  @IfGiven()
  @IsIn(CHANNEL_KINDS)
  channelKind?: ChannelKind;

  @ApiPropertyOptional({ description: 'Kind of message', maxLength: 100, example: 'alert' })
  @IfGiven()
  @IsText(100)
  kind?: string;

  @ApiPropertyOptional({ description: 'Subject of the user it goes to', maxLength: 200, example: 'ann' })
  @IfGiven()
  @IsText(200)
  user?: string;

  @OptionalInstant('Queued at or after')
  from?: string;

  @OptionalInstant('Queued before')
  to?: string;

  @ApiPropertyOptional({
    description: 'At most so many',
    type: 'integer',
    minimum: 1,
    maximum: MOST_REPLAYED,
    default: MOST_REPLAYED,
    example: 500,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(MOST_REPLAYED)
  limit?: number;
}

export class ReplayedDto {
  @ApiProperty({ description: 'Deliveries that are pending now', example: 12 })
  replayed: number;

  @ApiProperty({ description: 'Whether the filter names more of them', example: false })
  more: boolean;
}
