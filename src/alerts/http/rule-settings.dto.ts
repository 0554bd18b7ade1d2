import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsMongoId,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsText, IsTimeZone } from '../../common/index.js';
import { MetricFilterDto } from '../../metrics/index.js';
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
import { IfGiven, IsDuration, IsLabelNames, IsLabels, OptionalDuration, POLICY_ID } from './fields.js';

const CONDITION_TEXT = `What is wrong:
- \`above\`, \`below\`: the value of the window is beyond the threshold (a value that equals it is still good).
- \`outside_expected\`: the newest day lies outside of what the last 60 let expect, for the worse; thresholds are robust standard deviations, at least 3.5.
- \`change_point\`: the level has changed for the worse within the window; thresholds are the size of the change in the metric's unit.
- \`drops_by\`: the value is at least so much lower than in the window before, in the metric's unit: 0.05 of a rate are five percentage points.
- \`new_failures\`: more tests than the threshold fail now that failed in none of their last 5 outcomes before the window; tests in quarantine are left out. Its metric is \`new_failures\`.`;

export class AlertScheduleDto {
  @ApiProperty({ description: 'Evaluated so often, at whole multiples. 1m to 7d.', example: '15m' })
  @IsDuration({ min: '1m', max: '7d' })
  every: string;
}

export class AlertGroupingDto {
  @ApiPropertyOptional({
    description:
      'Labels; alerts of one channel that agree in their values share messages. `rule` unless told; an empty list: all alerts of the channel.',
    type: [String],
    maxItems: 20,
    example: ['team'],
  })
  @IfGiven()
  @IsLabelNames()
  by?: string[];

  @OptionalDuration('From the first alert of a group to its first message', { min: '0s', max: '1h' }, '30s')
  wait?: string;

  @OptionalDuration('Between messages about what is new in a group', { min: '0s', max: '1d' }, '5m')
  interval?: string;

  @OptionalDuration('Until a message is repeated while nothing changes', { min: '5m', max: '30d' }, '4h')
  repeat?: string;
}

const Threshold = (description: string, example: number): PropertyDecorator =>
  ApiPropertyOptional({ description, type: Number, example });

/** Everything of a rule that clients set; PUT replaces all of it. */
export class AlertRuleSettingsDto {
  @ApiProperty({ description: 'Name', maxLength: 200, example: 'Pass rate of main' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', maxLength: 2000, example: 'Nobody deploys below 95 %' })
  @IfGiven()
  @IsText(2000)
  description?: string;

  @ApiPropertyOptional({
    description: 'Id of a metric of the catalogue (GET /metrics-catalogue); left out for the condition new_failures',
    example: 'pass_rate',
  })
  @IfGiven()
  @IsText(120)
  metric?: string;

  @ApiPropertyOptional({
    description:
      'Which results count. `timeRange` has no place here: the window says when. A rule that names no projects is over all of the organization.',
    type: () => MetricFilterDto,
    example: { projects: ['demo'], branches: ['main'] },
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;

  @OptionalDuration(
    'The results that a value is of: those of so long before the evaluation, in whole quarter hours; 1d unless told, 7d for change_point',
    { min: '15m', max: '90d' },
    undefined,
    '1d',
  )
  window?: string;

  @ApiPropertyOptional({
    description: 'IANA zone in which the days of a history begin',
    default: 'UTC',
    example: 'UTC',
  })
  @IfGiven()
  @IsTimeZone()
  timeZone?: string;

  @ApiPropertyOptional({
    description: 'One alert for each value; at most two. Metrics of runs, tests and quality know `project` only.',
    enum: GROUP_DIMENSIONS,
    isArray: true,
    maxItems: 2,
    example: [],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(2)
  @ArrayUnique()
  @IsIn(GROUP_DIMENSIONS, { each: true })
  groupBy?: GroupDimension[];

  @ApiProperty({ description: CONDITION_TEXT, enum: CONDITIONS, example: 'below' })
  @IsIn(CONDITIONS)
  condition: Condition;

  @Threshold('From here on it is a warning; one of warning and critical may be left out', 0.97)
  @IfGiven()
  @IsNumber()
  warning?: number;

  @Threshold('From here on it is critical', 0.95)
  @IfGiven()
  @IsNumber()
  critical?: number;

  @Threshold(
    'What has to be reached again before it counts as recovered (hysteresis); the milder threshold unless told',
    0.98,
  )
  @IfGiven()
  @IsNumber()
  recovery?: number;

  @OptionalDuration(
    'How long it must last before it fires; while it is pending nobody is told',
    { min: '0s', max: '7d' },
    '0s',
  )
  for?: string;

  @OptionalDuration('How long it must be good again before it resolves', { min: '0s', max: '7d' }, '0s')
  keepFiringFor?: string;

  @ApiPropertyOptional({
    description:
      'With fewer outcomes (durations, runs) behind a value nothing is decided: no alert begins and none ends, whatever the value. For a rate it is the denominator: 1 failure of 2 is no 50 %.',
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
    example: 20,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  minimumSample?: number;

  @ApiPropertyOptional({
    description: 'How bad it is; people choose by it how they are reached',
    enum: SEVERITIES,
    default: 'medium',
    example: 'high',
  })
  @IfGiven()
  @IsIn(SEVERITIES)
  severity?: Severity;

  @ApiPropertyOptional({
    description:
      'Labels for grouping, silences and inhibition, beside rule, ruleId, metric, severity and those of the group',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { team: 'shop' },
  })
  @IfGiven()
  @IsLabels()
  labels?: Record<string, string>;

  @ApiPropertyOptional({
    description:
      'What it means that there is no outcome at all (a group that vanishes from among others resolves after two evaluations). ok: all is well; alert: an alert begins; keep_last: what stood stays',
    enum: ABSENT_ANSWERS,
    default: 'keep_last',
    example: 'keep_last',
  })
  @IfGiven()
  @IsIn(ABSENT_ANSWERS)
  onNoData?: AbsentAnswer;

  @ApiPropertyOptional({
    description:
      'What it means that the evaluation failed. ok: all is well; alert: an alert begins; keep_last: what stood stays',
    enum: ABSENT_ANSWERS,
    default: 'keep_last',
    example: 'keep_last',
  })
  @IfGiven()
  @IsIn(ABSENT_ANSWERS)
  onError?: AbsentAnswer;

  @ApiPropertyOptional({
    description: 'Left out: with every ingested run of its projects, and every hour besides',
    type: AlertScheduleDto,
    example: { every: '15m' },
  })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => AlertScheduleDto)
  schedule?: AlertScheduleDto;

  @ApiPropertyOptional({
    description: 'So long after it has resolved it does not come back',
    type: 'integer',
    minimum: 0,
    maximum: 10_080,
    default: 0,
    example: 30,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(10_080)
  cooldownMinutes?: number;

  @ApiPropertyOptional({
    description: 'Ids of channels that are told (POST /channels)',
    type: [String],
    maxItems: 20,
    example: [],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsMongoId({ each: true })
  channels?: string[];

  @ApiPropertyOptional({ description: 'How messages are put together', type: AlertGroupingDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => AlertGroupingDto)
  grouping?: AlertGroupingDto;

  @ApiPropertyOptional({ description: 'Who is told next when nobody acknowledges', example: POLICY_ID })
  @IfGiven()
  @IsMongoId()
  escalationPolicyId?: string;

  @ApiPropertyOptional({ description: 'Whether it is evaluated', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;
}
