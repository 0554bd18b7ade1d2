import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { RESOLVE_REASONS, type ResolveReason } from '../domain/alert.js';
import { LEVELS, type Level, SEVERITIES, type Severity } from '../domain/rule.js';
import { TIMELINE_KINDS, type TimelineKind } from '../domain/stored-alert.js';
import { ALERT_ID, Instant, InstantOrNull, NumberOrNull, RULE_ID, TextOrNull } from './fields.js';

class ExpectedDto {
  @NumberOrNull('What history lets expect, or the value before', 0.97)
  value: number | null;

  @NumberOrNull('From here', null)
  low: number | null;

  @NumberOrNull('To here', null)
  high: number | null;

  @NumberOrNull('The threshold of a warning', 0.97)
  warning: number | null;

  @NumberOrNull('The threshold of critical', 0.95)
  critical: number | null;
}

export class AcknowledgementDto {
  @ApiProperty({ description: 'Who', example: 'Ann' })
  by: string;

  @Instant('When')
  at: Date;

  @InstantOrNull('When it lapses, and the escalation goes on')
  until: Date | null;

  @TextOrNull('What was said', null)
  note: string | null;
}

export class SnoozeDto {
  @ApiProperty({ description: 'Who', example: 'Ann' })
  by: string;

  @Instant('Until when')
  until: Date;
}

class SuppressedDto {
  @ApiProperty({ description: 'By what', enum: ['silence', 'inhibition'], example: 'silence' })
  by: 'silence' | 'inhibition';

  @ApiProperty({ description: 'Id of the silence or inhibition rule', example: RULE_ID })
  id: string;

  @TextOrNull('Id of the alert that inhibits it', null)
  sourceAlertId: string | null;
}

class CulpritDto {
  @ApiProperty({
    description: 'Id of the run with the most failures in the window; the newest one where nothing failed',
    example: RULE_ID,
  })
  runId: string;

  @TextOrNull('Name of the run', 'nightly')
  runName: string | null;

  @ApiProperty({ description: 'Key of its project', example: 'demo' })
  project: string;

  @TextOrNull('Its commit', '4f2c9d1')
  commit: string | null;

  @TextOrNull('Its branch', 'main')
  branch: string | null;

  @Instant('When it began')
  startedAt: Date;

  @ApiProperty({ description: 'Failed outcomes in the window', example: 12 })
  failures: number;

  @ApiProperty({ description: 'Of them in this run', example: 11 })
  failuresOfRun: number;

  @TextOrNull('Fingerprint of the failure that stands for at least half of them', '9f1c2b7d')
  fingerprint: string | null;

  @TextOrNull('First line of one of its errors', 'expected 200 to equal 503')
  error: string | null;

  @TextOrNull('A test that failed so', 'pays with a voucher')
  testName: string | null;
}

export class TimelineEntryDto {
  @Instant('When')
  at: Date;

  @ApiProperty({
    description:
      'What happened. moved: to another state (`details` has from, to and why); level_changed: another threshold is crossed; acknowledged, snoozed, commented: by somebody; ack_expired, snooze_ended: its time was up; escalation_started, escalation_paused, escalation_resumed, escalation_ended, escalated: the policy, and a level of it that was told; notified: channels were told',
    enum: TIMELINE_KINDS,
    example: 'moved',
  })
  kind: TimelineKind;

  @ApiProperty({ description: 'In which episode', example: 1 })
  episode: number;

  @TextOrNull('Who; null: the service', null)
  by: string | null;

  @ApiProperty({
    description:
      'Further facts, by kind: from, to, level, reason, value, n, until, note, text, channelId, channels, policy',
    type: 'object',
    additionalProperties: true,
    example: { from: 'inactive', to: 'firing', level: 'critical', reason: 'value', value: 0.91, n: 412 },
  })
  details: object;
}

export class AlertLinksDto {
  @ApiProperty({ description: 'The rule', example: `/api/v1/execution-reporting/alerts/${RULE_ID}` })
  rule: string;

  @ApiProperty({
    description: 'The alert with its timeline',
    example: `/api/v1/execution-reporting/alerts/instances/${ALERT_ID}`,
  })
  self: string;

  @TextOrNull('The run that is suspected', `/api/v1/execution-reporting/runs/${RULE_ID}`)
  run: string | null;
}

export class AlertDto {
  @ApiProperty({
    description: 'Id of the alert: of a rule and a group of it, over all its episodes',
    example: ALERT_ID,
  })
  alertId: string;

  @ApiProperty({ description: 'Id of the rule', example: RULE_ID })
  ruleId: string;

  @ApiProperty({ description: 'Name of the rule', example: 'Pass rate of main' })
  ruleName: string;

  @ApiProperty({
    description:
      'Where it stands. inactive: all is well; pending: beyond its threshold, not yet for as long as the rule wants; firing: on; recovering: good again, not yet for as long as the rule wants; resolved: over',
    enum: ['inactive', 'pending', 'firing', 'recovering', 'resolved'],
    example: 'firing',
  })
  state: 'inactive' | 'pending' | 'firing' | 'recovering' | 'resolved';

  @Instant('Since when it stands there')
  since: Date;

  @ApiProperty({ description: 'Severity of the rule', enum: SEVERITIES, example: 'high' })
  severity: Severity;

  @ApiProperty({
    description: 'Which threshold is crossed',
    enum: LEVELS,
    nullable: true,
    type: String,
    example: 'critical',
  })
  level: Level | null;

  @ApiProperty({
    description: 'What it is on for. value: its value; no_data: there is no outcome; error: the evaluation failed',
    enum: ['value', 'no_data', 'error'],
    example: 'value',
  })
  cause: 'value' | 'no_data' | 'error';

  @NumberOrNull('The newest value, in the unit of the metric', 0.91)
  value: number | null;

  @NumberOrNull('What the thresholds look at: the value, a score, a drop, a number of tests', 0.91)
  measure: number | null;

  @ApiProperty({ description: 'Outcomes (durations, runs) behind it', example: 412 })
  n: number;

  @NumberOrNull('95 % interval, from', 0.88)
  low: number | null;

  @NumberOrNull('95 % interval, to', 0.94)
  high: number | null;

  @ApiProperty({ description: 'What it is held against', type: ExpectedDto })
  expected: ExpectedDto;

  @ApiProperty({
    description: 'Values of the groupBy',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: {},
  })
  group: object;

  @ApiProperty({ description: 'The group, for people; tests by their names', example: '' })
  groupText: string;

  @ApiProperty({
    description: 'What silences, inhibition and grouping go by',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { rule: 'Pass rate of main', severity: 'high', project: 'demo' },
  })
  labels: object;

  @ApiProperty({ description: 'How often it has fired', example: 1 })
  episode: number;

  @InstantOrNull('When the present or last episode began')
  firingSince: Date | null;

  @InstantOrNull('When it resolved')
  resolvedAt: Date | null;

  @ApiProperty({
    description:
      'Why it resolved. recovered: it is good again; vanished: its group has no results any more; no_data, error_over: there is no value any more, which the rule calls fine; manual: by somebody; rule_changed, rule_disabled, rule_deleted: the rule asks it no more',
    enum: RESOLVE_REASONS,
    nullable: true,
    type: String,
    example: null,
  })
  resolveReason: ResolveReason | null;

  @ApiProperty({ description: 'Who has it', type: AcknowledgementDto, nullable: true })
  acknowledged: AcknowledgementDto | null;

  @ApiProperty({ description: 'Put off until', type: SnoozeDto, nullable: true })
  snoozed: SnoozeDto | null;

  @ApiProperty({ description: 'Why nobody is told of it', type: SuppressedDto, nullable: true })
  suppressed: SuppressedDto | null;

  @InstantOrNull('When it is escalated next')
  nextEscalationAt: Date | null;

  @ApiProperty({ description: 'What is most probably behind it', type: CulpritDto, nullable: true })
  culprit: CulpritDto | null;

  @Instant('When it was evaluated last with something new')
  evaluatedAt: Date;

  @ApiProperty({ description: 'Links', type: AlertLinksDto })
  links: AlertLinksDto;

  @ApiPropertyOptional({ description: 'What happened, oldest first', type: [TimelineEntryDto] })
  timeline?: readonly TimelineEntryDto[];
}
