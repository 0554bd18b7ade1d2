import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsMongoId, IsOptional } from 'class-validator';
import { IsSlug, PageQueryDto } from '../../common/index.js';
import { FromQuery } from '../../metrics/index.js';
import { SEVERITIES, type Severity } from '../domain/rule.js';
import { OVERALL, type Overall, VIEW_STATES, type ViewState } from '../domain/status.js';
import { AlertDto } from './alert.dto.js';
import { ALERT_ID, IfGiven, Instant, RULE_ID, TextOrNull } from './fields.js';

const MOST_IDS = 200;

export class AlertStatusQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description:
      'Only these; firing, recovering, pending and resolved where nothing is said. acknowledged, snoozed and suppressed (by a silence or an inhibition) stand beside the state of an alert. Repeated or comma-separated.',
    enum: VIEW_STATES,
    isArray: true,
  })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(VIEW_STATES.length)
  @IsIn(VIEW_STATES, { each: true })
  states?: ViewState[];

  @ApiPropertyOptional({ description: 'Only these severities', enum: SEVERITIES, isArray: true })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(SEVERITIES.length)
  @IsIn(SEVERITIES, { each: true })
  severities?: Severity[];

  @ApiPropertyOptional({ description: 'Only these alerts', type: [String], maxItems: MOST_IDS })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_IDS)
  @IsMongoId({ each: true })
  alertIds?: string[];

  @ApiPropertyOptional({ description: 'Only alerts of these rules', type: [String], maxItems: MOST_IDS })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MOST_IDS)
  @IsMongoId({ each: true })
  ruleIds?: string[];

  @ApiPropertyOptional({ description: 'Only what is about this project; the counts too', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({ description: 'With the newest 50 entries of each timeline', default: false, example: true })
  @IfGiven()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  includeHistory?: boolean;
}

export class IncidentsQueryDto {
  @ApiPropertyOptional({ description: 'Only what is about this project', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;
}

const counted = (names: readonly string[]) => ({
  type: 'object' as const,
  properties: Object.fromEntries(
    names.map((name) => [name, { type: 'integer' as const, description: `Alerts that are ${name}` }]),
  ),
});

export class AlertCountsDto {
  @ApiProperty({
    description: 'By state, and by what is beside it',
    ...counted(VIEW_STATES),
    example: { firing: 1, resolved: 4 },
  })
  byState: object;

  @ApiProperty({ description: 'Of those that are firing or recovering', ...counted(SEVERITIES), example: { high: 1 } })
  bySeverity: object;

  @ApiProperty({ description: 'All', example: 5 })
  total: number;
}

export class AlertStatusDto {
  @ApiProperty({
    description:
      'The worst level that is on; unknown where no rule (of a project that is asked for: none that looks at it) has been evaluated with a result, or one fails and nothing is on',
    enum: OVERALL,
    example: 'critical',
  })
  overall: Overall;

  @ApiProperty({ description: 'Of everything in scope, whatever else was asked for', type: AlertCountsDto })
  counts: AlertCountsDto;

  @ApiProperty({
    description: 'Firing first, then recovering, pending, resolved; the newest first among them',
    type: [AlertDto],
  })
  items: readonly AlertDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

class SharedCauseDto {
  @ApiProperty({ description: 'What is shared', enum: ['cluster', 'run', 'commit'], example: 'commit' })
  kind: 'cluster' | 'run' | 'commit';

  @ApiProperty({ description: 'Fingerprint, run id, or commit', example: '4f2c9d1' })
  value: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'How many of the alerts name it', example: 3 })
  alerts: number;
}

class IncidentAlertDto {
  @ApiProperty({ description: 'Id of the alert', example: ALERT_ID })
  alertId: string;

  @ApiProperty({ description: 'Id of the rule', example: RULE_ID })
  ruleId: string;

  @ApiProperty({ description: 'Name of the rule', example: 'Pass rate of main' })
  ruleName: string;

  @ApiProperty({ description: 'The group, for people', example: 'suite checkout' })
  groupText: string;

  @ApiProperty({ description: 'Severity', enum: SEVERITIES, example: 'high' })
  severity: Severity;

  @Instant('When it began to fire')
  since: Date;
}

export class IncidentDto {
  @ApiProperty({ description: 'Stays the same while its oldest alert is on', example: '1f0c5a7be2d94c3f8a6b7d21' })
  incidentId: string;

  @ApiProperty({ description: 'The worst of its alerts', enum: SEVERITIES, example: 'high' })
  severity: Severity;

  @Instant('When its first alert began to fire')
  since: Date;

  @ApiProperty({ description: 'What most of its alerts share', type: SharedCauseDto })
  cause: SharedCauseDto;

  @ApiProperty({ description: 'Everything that some of them share', type: [SharedCauseDto] })
  causes: readonly SharedCauseDto[];

  @ApiProperty({ description: 'Oldest first', type: [IncidentAlertDto] })
  alerts: readonly IncidentAlertDto[];
}

export class IncidentsDto {
  @ApiProperty({ description: 'The worst first', type: [IncidentDto] })
  items: readonly IncidentDto[];
}
