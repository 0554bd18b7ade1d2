import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsIn, IsISO8601, IsOptional } from 'class-validator';
import { IsSlug, IsText, PageQueryDto, type Plain } from '../../common/index.js';
import { END_REASONS, type EndReason, isActive, type Quarantine, type QuarantinedTest } from '../domain/quarantine.js';
import { Instant, InstantOrNull, QUARANTINE_ID, TEST_ID, TextOrNull } from './fields.js';

const STATES = ['active', 'ended'] as const;
const FORMATS = ['json', 'text'] as const;

export class CreateQuarantineDto {
  @ApiProperty({ description: 'Id of the test', example: TEST_ID })
  @IsText(64)
  testId: string;

  @ApiProperty({ description: 'Why', maxLength: 1000, example: 'Waits for the payment sandbox, see SHOP-812' })
  @IsText(1000)
  reason: string;

  @ApiProperty({ description: 'Who sees to it', maxLength: 200, example: 'ann' })
  @IsText(200)
  owner: string;

  @ApiProperty({
    description: 'It ends by then at the latest, within a year',
    format: 'date-time',
    example: '2027-01-31T12:00:00Z',
  })
  @IsISO8601({ strict: true, strictSeparator: true })
  expiresAt: string;
}

export class QuarantinesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Key of a project', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({ description: 'Id of a test: its stays' })
  @IsOptional()
  @IsText(64)
  test?: string;

  @ApiPropertyOptional({ description: 'active: in force now; ended: the history', enum: STATES, example: 'active' })
  @IsOptional()
  @IsIn(STATES)
  state?: (typeof STATES)[number];
}

export class QuarantineListQueryDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  @IsSlug()
  project: string;

  @ApiPropertyOptional({
    description: 'text: a line per test, suite and name with a tab between',
    enum: FORMATS,
    default: 'json',
    example: 'text',
  })
  @IsOptional()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];
}

export class QuarantineProjectQueryDto extends PickType(QuarantineListQueryDto, ['project'] as const) {}

export class QuarantineDto {
  @ApiProperty({ description: 'Id of this stay', example: QUARANTINE_ID })
  quarantineId: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'Id of the test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its suite', example: 'checkout/payment' })
  suite: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a voucher' })
  name: string;

  @ApiProperty({ description: 'Whether it is in force', example: true })
  active: boolean;

  @ApiProperty({ description: 'Why', example: 'Waits for the payment sandbox, see SHOP-812' })
  reason: string;

  @ApiProperty({ description: 'Who sees to it', example: 'ann' })
  owner: string;

  @ApiProperty({ description: 'By hand, or by the policy', enum: ['manual', 'policy'], example: 'manual' })
  origin: 'manual' | 'policy';

  @ApiProperty({ description: 'Who put it there', example: 'ann' })
  createdBy: string;

  @Instant('When')
  createdAt: Date;

  @Instant('When it ends by itself')
  expiresAt: Date;

  @InstantOrNull('When it ended')
  endedAt: Date | null;

  @ApiProperty({
    description: 'lifted: by hand; expired: its time was up; stable: the test is stable again',
    enum: END_REASONS,
    nullable: true,
    example: null,
  })
  endReason: EndReason | null;

  @TextOrNull('Who ended it', null)
  endedBy: string | null;
}

export class QuarantinePageDto {
  @ApiProperty({ description: 'Newest first', type: [QuarantineDto] })
  items: readonly QuarantineDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

class QuarantinedTestDto {
  @ApiProperty({ description: 'Id of the test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its suite', example: 'checkout/payment' })
  suite: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a voucher' })
  name: string;

  @TextOrNull('Its file, where one was sent', 'test/checkout/payment.test.ts')
  file: string | null;

  @ApiProperty({
    description: 'Its parameters',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { browser: 'firefox' },
  })
  parameters: Readonly<Record<string, string>>;

  @Instant('When it ends')
  expiresAt: Date;
}

export class QuarantineListDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({
    description: 'By suite and name; one that was renamed stands there under all its names',
    type: [QuarantinedTestDto],
  })
  tests: readonly QuarantinedTestDto[];
}

export const toQuarantineDto = (quarantine: Quarantine, now: Date): Plain<QuarantineDto> => {
  const { quarantineId, projectKey, testId, suite, name, reason, owner, origin, createdBy } = quarantine;
  const { createdAt, expiresAt, endedAt, endReason, endedBy } = quarantine;
  return {
    ...{ quarantineId, project: projectKey, testId, suite, name, active: isActive(quarantine, now), reason, owner },
    ...{ origin, createdBy, createdAt, expiresAt },
    endedAt: endedAt ?? null,
    endReason: endReason ?? null,
    endedBy: endedBy ?? null,
  };
};

export const toListDto = (project: string, tests: readonly QuarantinedTest[]): Plain<QuarantineListDto> => ({
  project,
  tests: tests.map(({ testId, suite, name, file, parameters, expiresAt }) => ({
    ...{ testId, suite, name, expiresAt },
    file: file ?? null,
    parameters: parameters ?? {},
  })),
});

/** A line per test; what would break a line is a space. */
export const toListText = (tests: readonly QuarantinedTest[]): string => {
  const clean = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return [...new Set(tests.map(({ suite, name }) => `${clean(suite)}\t${clean(name)}\n`))].join('');
};
