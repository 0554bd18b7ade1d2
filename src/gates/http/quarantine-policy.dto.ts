import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  Max,
  Min,
} from 'class-validator';
import { IsSlug, type Plain } from '../../common/index.js';
import {
  DEFAULT_POLICY,
  QUARANTINE_LABELS,
  type QuarantineLabel,
  type QuarantinePolicy,
} from '../domain/quarantine.js';
import type { StoredPolicy } from '../persistence/quarantine-policies.repository.js';
import type { PolicyOutlook } from '../quarantine-policy.service.js';
import { IfGiven, InstantOrNull, TEST_ID, TextOrNull } from './fields.js';
import { QuarantineDto, toQuarantineDto } from './quarantine.dto.js';

export class QuarantinePolicyDto {
  @ApiProperty({ description: 'Whether tests are put into quarantine by it', example: true })
  @IsBoolean()
  enabled: boolean;

  @ApiPropertyOptional({
    description: 'Labels that it acts on',
    enum: QUARANTINE_LABELS,
    isArray: true,
    default: DEFAULT_POLICY.labels,
    example: ['confirmed'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(QUARANTINE_LABELS.length)
  @ArrayUnique()
  @IsIn(QUARANTINE_LABELS, { each: true })
  labels?: QuarantineLabel[];

  @ApiPropertyOptional({
    description: "From which lower 95 % bound of the test's flakiness on",
    minimum: 0,
    maximum: 1,
    default: DEFAULT_POLICY.minFlakinessLow,
    example: 0.05,
  })
  @IfGiven()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(1)
  minFlakinessLow?: number;

  @ApiPropertyOptional({
    description: 'At most so many tests of the project at a time, those put there by hand included',
    type: 'integer',
    minimum: 0,
    maximum: 10_000,
    default: DEFAULT_POLICY.maxTests,
    example: 20,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(10_000)
  maxTests?: number;

  @ApiPropertyOptional({
    description: 'How long a stay lasts at most',
    type: 'integer',
    minimum: 1,
    maximum: 365,
    default: DEFAULT_POLICY.expireDays,
    example: 14,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(365)
  expireDays?: number;

  @ApiPropertyOptional({
    description:
      'A stay, by hand or by policy, ends when so many of the newest outcomes, all since it began, passed at the first attempt',
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: DEFAULT_POLICY.stableAfterRuns,
    example: 20,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(1000)
  stableAfterRuns?: number;
}

export class PolicyPreviewDto extends PartialType(QuarantinePolicyDto, { skipNullProperties: false }) {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  @IsSlug()
  project: string;
}

export class StoredPolicyDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'Whether tests are put into quarantine by it', example: false })
  enabled: boolean;

  @ApiProperty({
    description: 'Labels that it acts on',
    enum: QUARANTINE_LABELS,
    isArray: true,
    example: ['confirmed'],
  })
  labels: readonly QuarantineLabel[];

  @ApiProperty({ description: 'Lower 95 % bound of the flakiness from which on', example: 0.02 })
  minFlakinessLow: number;

  @ApiProperty({ description: 'Most tests at a time', example: 20 })
  maxTests: number;

  @ApiProperty({ description: 'Longest stay', example: 14 })
  expireDays: number;

  @ApiProperty({ description: 'Passing outcomes after which a stay ends', example: 20 })
  stableAfterRuns: number;

  @TextOrNull('Who set it; null: nobody has, these are the defaults', null)
  updatedBy: string | null;

  @InstantOrNull('When it was set')
  updatedAt: Date | null;
}

class PlannedTestDto {
  @ApiProperty({ description: 'Id of the test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its suite', example: 'checkout/payment' })
  suite: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a voucher' })
  name: string;

  @ApiProperty({ description: 'Its label', enum: QUARANTINE_LABELS, example: 'confirmed' })
  label: string;

  @ApiProperty({ description: 'Its flakiness: mean of the posterior', example: 0.21 })
  flakiness: number;

  @ApiProperty({ description: 'Lower 95 % bound', example: 0.12 })
  flakinessLow: number;

  @ApiPropertyOptional({
    description: 'Why it is left alone',
    enum: ['already_quarantined', 'below_threshold', 'no_new_evidence', 'stable_again', 'limit_reached'],
    example: 'below_threshold',
  })
  why?: string;
}

export class PolicyOutlookDto {
  @ApiProperty({ description: 'Tests that would be put into quarantine, the flakiest first', type: [PlannedTestDto] })
  wouldQuarantine: readonly PlannedTestDto[];

  @ApiProperty({ description: 'Stays that would end, since the test is stable again', type: [QuarantineDto] })
  wouldEnd: readonly QuarantineDto[];

  @ApiProperty({ description: 'Tests with such a label that would be left alone', type: [PlannedTestDto] })
  leftAlone: readonly PlannedTestDto[];

  @ApiProperty({ description: 'Tests in quarantine now', example: 3 })
  active: number;

  @ApiProperty({ description: 'Position in the commit log', example: 4711 })
  asOf: number;
}

const FIELDS = ['enabled', 'labels', 'minFlakinessLow', 'maxTests', 'expireDays', 'stableAfterRuns'] as const;

/** The fields that were given. */
export const toPolicyChanges = (body: Partial<QuarantinePolicyDto>): Partial<QuarantinePolicy> =>
  Object.fromEntries(FIELDS.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]));

export const toPolicyDto = (
  project: string,
  policy: QuarantinePolicy & Partial<StoredPolicy>,
): Plain<StoredPolicyDto> => {
  const { enabled, labels, minFlakinessLow, maxTests, expireDays, stableAfterRuns, updatedBy, updatedAt } = policy;
  return {
    ...{ project, enabled, labels, minFlakinessLow, maxTests, expireDays, stableAfterRuns },
    updatedBy: updatedBy ?? null,
    updatedAt: updatedAt ?? null,
  };
};

export const toOutlookDto = (
  { plan, stable, active, asOf, names }: PolicyOutlook,
  now: Date,
): Plain<PolicyOutlookDto> => {
  const toPlanned = (
    { number, assessment }: PolicyOutlook['plan']['add'][number],
    why?: string,
  ): Plain<PlannedTestDto> => ({
    testId: names.get(number)?.testId ?? '',
    suite: names.get(number)?.suite ?? '',
    name: names.get(number)?.name ?? '',
    label: assessment.label,
    flakiness: assessment.flakiness.mean,
    flakinessLow: assessment.flakiness.low,
    ...(why !== undefined && { why }),
  });
  return {
    wouldQuarantine: plan.add.map((test) => toPlanned(test)),
    wouldEnd: stable.map((one) => toQuarantineDto(one, now)),
    leftAlone: plan.skipped.map(({ test, why }) => toPlanned(test, why)),
    ...{ active, asOf },
  };
};
