import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsSlug, PageQueryDto } from '../../common/index.js';
import {
  ABSENT_ANSWERS,
  type AbsentAnswer,
  type Condition,
  CONDITIONS,
  GROUP_DIMENSIONS,
  type GroupDimension,
  SEVERITIES,
  type Severity,
} from '../domain/rule.js';
import { IfGiven, Instant, InstantOrNull, NumberOrNull, RULE_ID, TextOrNull } from './fields.js';

export class AlertRulesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Rules that are confined to this project, among others', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({ description: 'Only those that are evaluated, or only those that are not', example: true })
  @IfGiven()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  enabled?: boolean;
}

class RuleScheduleDto {
  @ApiProperty({ description: 'Evaluated so often', example: '15m' })
  every: string;
}

class RuleGroupingDto {
  @ApiProperty({ description: 'Labels whose values make a group', type: [String], example: ['rule'] })
  by: readonly string[];

  @ApiProperty({ description: 'From the first alert of a group to its first message', example: '30s' })
  wait: string;

  @ApiProperty({ description: 'Between messages about what is new', example: '5m' })
  interval: string;

  @ApiProperty({ description: 'Until a message is repeated', example: '4h' })
  repeat: string;
}

class RuleEvaluationDto {
  @Instant('When')
  at: Date;

  @ApiProperty({ description: 'How it went', enum: ['ok', 'no_data', 'error'], example: 'ok' })
  status: 'ok' | 'no_data' | 'error';

  @ApiProperty({ description: 'Groups that had a value', example: 1 })
  groups: number;

  @TextOrNull('What went wrong', null)
  detail: string | null;
}

export class AlertRuleDto {
  @ApiProperty({ description: 'Id of the rule', example: RULE_ID })
  ruleId: string;

  @ApiProperty({ description: 'Goes up with each change', example: 1 })
  version: number;

  @ApiProperty({ description: 'Name', example: 'Pass rate of main' })
  name: string;

  @TextOrNull('What it is for', 'Nobody deploys below 95 %')
  description: string | null;

  @ApiProperty({ description: 'Id of the metric', example: 'pass_rate' })
  metric: string;

  @ApiProperty({
    description: 'Which results count',
    type: 'object',
    additionalProperties: true,
    example: { projects: ['demo'], branches: ['main'] },
  })
  filter: object;

  @ApiProperty({ description: 'How far back a value looks', example: '1d' })
  window: string;

  @ApiProperty({ description: 'IANA zone in which days begin', example: 'UTC' })
  timeZone: string;

  @ApiProperty({ description: 'One alert for each value', enum: GROUP_DIMENSIONS, isArray: true, example: [] })
  groupBy: readonly GroupDimension[];

  @ApiProperty({ description: 'What is wrong', enum: CONDITIONS, example: 'below' })
  condition: Condition;

  @NumberOrNull('Threshold of a warning', 0.97)
  warning: number | null;

  @NumberOrNull('Threshold of critical', 0.95)
  critical: number | null;

  @NumberOrNull('What has to be reached again; null: the milder threshold', null)
  recovery: number | null;

  @ApiProperty({ description: 'How long it must last before it fires', example: '0s' })
  for: string;

  @ApiProperty({ description: 'How long it must be good again before it resolves', example: '0s' })
  keepFiringFor: string;

  @ApiProperty({ description: 'With fewer outcomes nothing is decided', example: 1 })
  minimumSample: number;

  @ApiProperty({ description: 'How bad it is', enum: SEVERITIES, example: 'medium' })
  severity: Severity;

  @ApiProperty({
    description: 'Its own labels',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { team: 'shop' },
  })
  labels: Readonly<Record<string, string>>;

  @ApiProperty({ description: 'What no outcome at all means', enum: ABSENT_ANSWERS, example: 'keep_last' })
  onNoData: AbsentAnswer;

  @ApiProperty({ description: 'What a failed evaluation means', enum: ABSENT_ANSWERS, example: 'keep_last' })
  onError: AbsentAnswer;

  @ApiProperty({ description: 'null: with every ingested run', type: RuleScheduleDto, nullable: true })
  schedule: RuleScheduleDto | null;

  @ApiProperty({ description: 'So long after it has resolved it does not come back', example: 0 })
  cooldownMinutes: number;

  @ApiProperty({ description: 'Ids of the channels that are told', type: [String], example: [] })
  channels: readonly string[];

  @ApiProperty({ description: 'How messages are put together', type: RuleGroupingDto })
  grouping: RuleGroupingDto;

  @TextOrNull('Id of the escalation policy', null)
  escalationPolicyId: string | null;

  @ApiProperty({ description: 'Whether it is evaluated', example: true })
  enabled: boolean;

  @ApiProperty({ description: 'The newest evaluation; null before the first', type: RuleEvaluationDto, nullable: true })
  lastEvaluation: RuleEvaluationDto | null;

  @InstantOrNull('When it is evaluated next, whatever comes in until then')
  nextEvaluationAt: Date | null;

  @ApiProperty({ description: 'Who made it', example: 'ann' })
  createdBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was last changed')
  updatedAt: Date;
}

export class AlertRulePageDto {
  @ApiProperty({ description: 'Oldest first', type: [AlertRuleDto] })
  items: readonly AlertRuleDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}
