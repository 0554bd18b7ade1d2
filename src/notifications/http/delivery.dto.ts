import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsText, PageQueryDto, type Plain } from '../../common/index.js';
import { CHANNEL_KINDS, type ChannelKind } from '../domain/channel.js';
import { type Attempt, type Delivery, DELIVERY_STATES, type DeliveryState } from '../domain/delivery.js';
import { SEVERITIES, type Severity } from '../domain/message.js';
import {
  CHANNEL_ID,
  DELIVERY_ID,
  Instant,
  InstantInQuery,
  InstantOrNull,
  IsId,
  ListInQuery,
  NumberOrNull,
  TextOrNull,
} from './fields.js';

const OUTCOMES = ['delivered', 'failed', 'unknown'] as const;

export class DeliveriesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description:
      'Only these: pending (also between two attempts), sending, delivered, failed (a dead letter), cancelled (nothing to say any more, or taken back), disabled (its channel is)',
    enum: DELIVERY_STATES,
    isArray: true,
  })
  @IsOptional()
  @ListInQuery()
  @IsIn(DELIVERY_STATES, { each: true })
  states?: DeliveryState[];

  @ApiPropertyOptional({ description: 'Id of a channel' })
  @IsOptional()
  @IsId()
  channelId?: string;

  @ApiPropertyOptional({ description: 'Kind of channel', enum: CHANNEL_KINDS })
  @IsOptional()
  @IsIn(CHANNEL_KINDS)
  channelKind?: ChannelKind;

  @ApiPropertyOptional({ description: 'Kind of message, such as `channel.test` or `alert.firing`' })
  @IsOptional()
  @IsText(100)
  kind?: string;

  @ApiPropertyOptional({ description: 'Subject of the user it goes to' })
  @IsOptional()
  @IsText(200)
  user?: string;

  @InstantInQuery('Created at or after')
  from?: string;

  @InstantInQuery('Created before')
  to?: string;
}

class AttemptErrorDto {
  @ApiProperty({ description: 'Stable code', example: 'http_status' })
  code: string;

  @ApiProperty({ description: 'What went wrong', example: 'The receiver answered 503' })
  detail: string;
}

class AttemptDto {
  @Instant('When it began')
  at: Date;

  @ApiProperty({ description: 'How long it took', example: 182 })
  latencyMs: number;

  @ApiProperty({
    description: 'unknown: the worker ended before it could say',
    enum: OUTCOMES,
    example: 'failed',
  })
  outcome: (typeof OUTCOMES)[number];

  @NumberOrNull('HTTP status or SMTP reply code; null where nobody answered', 503)
  responseCode: number | null;

  @ApiProperty({ description: 'What went wrong; null where nothing did', type: AttemptErrorDto, nullable: true })
  error: AttemptErrorDto | null;

  @InstantOrNull('When it was to be tried again')
  nextAttemptAt: Date | null;
}

export class DeliveryDto {
  @ApiProperty({ description: 'Id; receivers of webhooks see it as `msg_<id>`', example: DELIVERY_ID })
  deliveryId: string;

  @ApiProperty({ description: 'Kind of message', example: 'channel.test' })
  kind: string;

  @ApiProperty({ description: 'How bad', enum: SEVERITIES, example: 'high' })
  severity: Severity;

  @ApiProperty({
    description: 'failed: a dead letter; disabled: its channel is; cancelled: nothing to say any more, or taken back',
    enum: DELIVERY_STATES,
    example: 'delivered',
  })
  state: DeliveryState;

  @TextOrNull('Why it is in this state', null)
  reason: string | null;

  @TextOrNull('Id of the channel; null for mails to single users', CHANNEL_ID)
  channelId: string | null;

  @ApiProperty({ description: 'Kind of the channel', enum: CHANNEL_KINDS, nullable: true, example: 'webhook' })
  channelKind: ChannelKind | null;

  @TextOrNull('Subject of the user it goes to', null)
  user: string | null;

  @ApiProperty({ description: 'Projects it is about', type: [String], example: ['demo'] })
  projects: readonly string[];

  @ApiProperty({ description: 'A second message with this key is not sent', example: 'alert:6650:firing' })
  dedupeKey: string;

  @ApiProperty({ description: 'Attempts so far', example: 1 })
  attemptCount: number;

  @ApiProperty({ description: 'The newest of them, oldest first', type: [AttemptDto] })
  attempts: readonly AttemptDto[];

  @InstantOrNull('When it is tried next')
  nextAttemptAt: Date | null;

  @InstantOrNull('Held until then by quiet hours or a digest')
  heldUntil: Date | null;

  @Instant('When it was queued')
  createdAt: Date;

  @InstantOrNull('When it came to its end')
  finishedAt: Date | null;
}

export class DeliveryPageDto {
  @ApiProperty({ description: 'Newest first', type: [DeliveryDto] })
  items: readonly DeliveryDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

const toAttemptDto = ({ at, latencyMs, outcome, responseCode, error, nextAttemptAt }: Attempt): Plain<AttemptDto> => ({
  ...{ at, latencyMs, outcome },
  responseCode: responseCode ?? null,
  error: error ?? null,
  nextAttemptAt: nextAttemptAt ?? null,
});

export const toDeliveryDto = (delivery: Delivery): Plain<DeliveryDto> => {
  const { deliveryId, kind, severity, state, reason, channelId, channelKind, user, projects, dedupeKey } = delivery;
  const { attemptCount, attempts, nextAttemptAt, heldUntil, createdAt, finishedAt } = delivery;
  return {
    ...{ deliveryId, kind, severity, state, projects, dedupeKey, attemptCount, createdAt },
    reason: reason ?? null,
    channelId: channelId ?? null,
    channelKind: channelKind ?? null,
    user: user ?? null,
    attempts: attempts.map(toAttemptDto),
    nextAttemptAt: nextAttemptAt ?? null,
    heldUntil: heldUntil ?? null,
    finishedAt: finishedAt ?? null,
  };
};
