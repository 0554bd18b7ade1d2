import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { IsSlug, IsText, PageQueryDto, type Plain } from '../../common/index.js';
import {
  DEFAULT_BASE_BRANCH,
  DEFAULT_WINDOW,
  GATE_RULE_IDS,
  GATE_RULES,
  type GateRuleId,
  SEVERITIES,
  type Severity,
} from '../domain/gate.js';
import type { Gate, GateSettings } from '../persistence/gates.repository.js';
import { GATE_ID, IfGiven, Instant, TextOrNull } from './fields.js';

const RULES_TEXT = GATE_RULE_IDS.map((id) => {
  const { bound, unit, fallback, text } = GATE_RULES[id];
  return `- \`${id}\` (${bound} ${unit}, default ${fallback}): ${text}`;
}).join('\n');

const isThreshold = (value: unknown, rule: unknown): boolean => {
  const known = GATE_RULE_IDS.find((id) => id === rule);
  return typeof value === 'number' && value >= 0 && value <= (known ? GATE_RULES[known].largest : Infinity);
};

/** Within what the rule can reach: a rate of 95 is a mistake. */
const IsThreshold = (): PropertyDecorator =>
  ValidateBy({
    name: 'isThreshold',
    validator: {
      validate: (value: unknown, args) => isThreshold(value, (args?.object as { rule?: unknown } | undefined)?.rule),
      defaultMessage: () => 'must be a number from 0 to the largest value of its rule (1 for rates)',
    },
  });

export class GateRuleDto {
  @ApiProperty({ description: `What is asked:\n${RULES_TEXT}`, enum: GATE_RULE_IDS, example: 'new_failures' })
  @IsIn(GATE_RULE_IDS)
  rule: GateRuleId;

  @ApiPropertyOptional({
    description: "The bound, in the rule's unit; the rule's default where it is left out",
    minimum: 0,
    example: 0,
  })
  @IfGiven()
  @IsThreshold()
  threshold?: number;

  @ApiPropertyOptional({
    description: 'warn: it is said, and the verdict stays',
    enum: SEVERITIES,
    default: 'fail',
    example: 'fail',
  })
  @IfGiven()
  @IsIn(SEVERITIES)
  severity?: Severity;

  @ApiPropertyOptional({
    description: 'With fewer outcomes (or tests, where tests are compared) the rule says insufficient_data',
    type: 'integer',
    minimum: 0,
    maximum: 100_000,
    default: 1,
    example: 1,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(100_000)
  minimumSample?: number;
}

/** Everything of a gate that clients set; PUT replaces all of it. */
export class GateSettingsDto {
  @ApiProperty({ description: 'Name', maxLength: 200, example: 'Merge gate' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({
    description: 'What it is for',
    type: String,
    nullable: true,
    maxLength: 2000,
    example: 'Asked by every pull request',
  })
  @IsOptional()
  @IsText(2000)
  description?: string | null;

  @ApiPropertyOptional({
    description: 'Key of the project it judges; left out: every project of the organization that has none of its own',
    type: String,
    nullable: true,
    example: 'demo',
  })
  @IsOptional()
  @IsSlug()
  project?: string | null;

  @ApiPropertyOptional({
    description: 'A project (and the organization) has one gate at most that is enabled',
    default: true,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    description: 'Branch to compare with',
    default: DEFAULT_BASE_BRANCH,
    maxLength: 200,
    example: 'main',
  })
  @IfGiven()
  @IsText(200)
  baseBranch?: string;

  @ApiPropertyOptional({
    description: 'A failure is new when the test did not fail in so many of its newest outcomes on the base branch',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: DEFAULT_WINDOW,
    example: 5,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  window?: number;

  @ApiProperty({ description: 'The rules, each at most once', type: [GateRuleDto], minItems: 1 })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(GATE_RULE_IDS.length)
  @ArrayUnique((rule: unknown) => (rule as { rule?: unknown } | null)?.rule)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => GateRuleDto)
  rules: GateRuleDto[];
}

export class GatesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only the gates of this project', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;
}

class StoredRuleDto {
  @ApiProperty({ description: 'What is asked', enum: GATE_RULE_IDS, example: 'new_failures' })
  rule: GateRuleId;

  @ApiProperty({ description: 'The bound', example: 0 })
  threshold: number;

  @ApiProperty({ description: 'Whether it decides', enum: SEVERITIES, example: 'fail' })
  severity: Severity;

  @ApiProperty({ description: 'Fewest outcomes', example: 1 })
  minimumSample: number;
}

export class GateDto {
  @ApiProperty({ description: 'Id of the gate', example: GATE_ID })
  gateId: string;

  @ApiProperty({ description: 'Goes up with each change', example: 1 })
  version: number;

  @ApiProperty({ description: 'Name', example: 'Merge gate' })
  name: string;

  @TextOrNull('What it is for', 'Asked by every pull request')
  description: string | null;

  @TextOrNull('Key of the project; null: the organization', 'demo')
  project: string | null;

  @ApiProperty({ description: 'Whether it judges', example: true })
  enabled: boolean;

  @ApiProperty({ description: 'Branch to compare with', example: 'main' })
  baseBranch: string;

  @ApiProperty({ description: 'Newest outcomes of the base branch that tell whether a failure is new', example: 5 })
  window: number;

  @ApiProperty({ description: 'The rules', type: [StoredRuleDto] })
  rules: readonly StoredRuleDto[];

  @ApiProperty({ description: 'Who made it', example: 'ann' })
  createdBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was last changed')
  updatedAt: Date;
}

export class GatePageDto {
  @ApiProperty({ description: 'Oldest first', type: [GateDto] })
  items: readonly GateDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

export const toGateDto = ({ description, project, ...gate }: Gate): Plain<GateDto> => ({
  ...gate,
  description: description ?? null,
  project: project ?? null,
});

export const toSettings = (body: GateSettingsDto): GateSettings => ({
  name: body.name,
  ...(typeof body.description === 'string' && { description: body.description }),
  ...(typeof body.project === 'string' && { project: body.project }),
  enabled: body.enabled ?? true,
  baseBranch: body.baseBranch ?? DEFAULT_BASE_BRANCH,
  window: body.window ?? DEFAULT_WINDOW,
  rules: body.rules.map(({ rule, threshold, severity, minimumSample }) => ({
    rule,
    threshold: threshold ?? GATE_RULES[rule].fallback,
    severity: severity ?? 'fail',
    minimumSample: minimumSample ?? 1,
  })),
});
