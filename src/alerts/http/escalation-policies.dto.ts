import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsMongoId,
  IsObject,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsText, type Plain } from '../../common/index.js';
import { formatDuration, parseDuration } from '../domain/durations.js';
import { ESCALATION_CONDITIONS, type EscalationCondition, MAX_REPEAT } from '../domain/escalation.js';
import type { EscalationPolicy, EscalationPolicySettings } from '../persistence/escalation-policies.repository.js';
import { CHANNEL_ID, IfGiven, Instant, IsDuration, POLICY_ID, TextOrNull } from './fields.js';

const CONDITION_TEXT =
  'not_acked: passed over while somebody has put the alert off (snooze); not_resolved: told even then. While somebody has acknowledged it, no level is told.';

export class EscalationLevelDto {
  @ApiProperty({
    description: 'After the level before; the first after the alert began to fire. 0s to 7d.',
    example: '15m',
  })
  @IsDuration({ min: '0s', max: '7d' })
  after: string;

  @ApiProperty({
    description: 'Ids of the channels that are told',
    type: [String],
    minItems: 1,
    maxItems: 20,
    example: [CHANNEL_ID],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsMongoId({ each: true })
  channels: string[];

  @ApiPropertyOptional({
    description: CONDITION_TEXT,
    enum: ESCALATION_CONDITIONS,
    default: 'not_acked',
    example: 'not_acked',
  })
  @IfGiven()
  @IsIn(ESCALATION_CONDITIONS)
  condition?: EscalationCondition;
}

export class EscalationPolicySettingsDto {
  @ApiProperty({ description: 'Name', maxLength: 200, example: 'Shop on call' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', maxLength: 2000, example: 'First the team, then its lead' })
  @IfGiven()
  @IsText(2000)
  description?: string;

  @ApiProperty({ description: 'In their order', type: [EscalationLevelDto], minItems: 1, maxItems: 10 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => EscalationLevelDto)
  levels: EscalationLevelDto[];

  @ApiPropertyOptional({
    description: 'How often all levels are gone through again',
    type: 'integer',
    minimum: 0,
    maximum: MAX_REPEAT,
    default: 0,
    example: 1,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_REPEAT)
  repeat?: number;
}

class StoredLevelDto {
  @ApiProperty({ description: 'After the level before', example: '15m' })
  after: string;

  @ApiProperty({ description: 'Ids of the channels', type: [String], example: [CHANNEL_ID] })
  channels: readonly string[];

  @ApiProperty({ description: CONDITION_TEXT, enum: ESCALATION_CONDITIONS, example: 'not_acked' })
  condition: EscalationCondition;
}

export class EscalationPolicyDto {
  @ApiProperty({ description: 'Id of the policy', example: POLICY_ID })
  policyId: string;

  @ApiProperty({ description: 'Goes up with each change', example: 1 })
  version: number;

  @ApiProperty({ description: 'Name', example: 'Shop on call' })
  name: string;

  @TextOrNull('What it is for', null)
  description: string | null;

  @ApiProperty({ description: 'In their order', type: [StoredLevelDto] })
  levels: readonly StoredLevelDto[];

  @ApiProperty({ description: 'How often all levels are gone through again', example: 1 })
  repeat: number;

  @ApiProperty({ description: 'Who made it', example: 'ann' })
  createdBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was last changed')
  updatedAt: Date;
}

export class EscalationPolicyPageDto {
  @ApiProperty({ description: 'Oldest first', type: [EscalationPolicyDto] })
  items: readonly EscalationPolicyDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

export const toPolicySettings = (body: EscalationPolicySettingsDto): EscalationPolicySettings => ({
  name: body.name,
  ...(body.description !== undefined && { description: body.description }),
  levels: body.levels.map(({ after, channels, condition }) => ({
    afterMs: parseDuration(after) ?? 0,
    channels,
    condition: condition ?? 'not_acked',
  })),
  repeat: body.repeat ?? 0,
});

export const toPolicyDto = ({ levels, description, ...policy }: EscalationPolicy): Plain<EscalationPolicyDto> => ({
  ...policy,
  description: description ?? null,
  levels: levels.map(({ afterMs, channels, condition }) => ({ after: formatDuration(afterMs), channels, condition })),
});
