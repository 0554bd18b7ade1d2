import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsDefined, IsOptional, Matches } from 'class-validator';
import { IsText, PageQueryDto } from '../../common/index.js';
import { FromQuery, MetricFilterQueryDto, TimeRangeFields } from '../../metrics/index.js';
import { Instant, InstantOrNull, NumberOrNull, TEST_ID, TextOrNull } from './fields.js';
import { MttrDto, QualityRangeDto } from './figures.dto.js';
import { RankedTestDto } from './ranking.dto.js';
import { SegmentDto } from './timeline.dto.js';

const IsTestId = (): PropertyDecorator => Matches(/^[0-9a-f]{24}$/, { message: '$property must be 24 hex digits' });

export class TestsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Part of the name or of the suite, whatever the case', maxLength: 200 })
  @IsOptional()
  @IsText(200)
  search?: string;

  @ApiPropertyOptional({
    description: 'Keys of projects; repeated or comma-separated',
    type: [String],
    example: ['demo'],
  })
  @IsOptional()
  @FromQuery()
  @IsArray()
  @ArrayMaxSize(200)
  @Matches(/^!?[a-z0-9][a-z0-9._-]{0,63}$/, {
    each: true,
    message: 'each value in $property must be the key of a project',
  })
  projects?: string[];
}

/** The window of one test; 90 days unless told otherwise. */
export class TestWindowQueryDto extends TimeRangeFields {}

export class SuggestionsQueryDto extends MetricFilterQueryDto {}

export class TestIdentityDto {
  @ApiProperty({ description: 'Test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a gift card' })
  name: string;

  @TextOrNull('Its suite', 'checkout/payment')
  suite: string | null;

  @ApiProperty({ description: 'Key of its project', example: 'demo' })
  project: string;

  @TextOrNull('File, as the newest result that named one said', 'test/checkout/payment.spec.ts')
  file: string | null;

  @ApiProperty({
    description: 'What makes it a test of its own besides its name',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { browser: 'chromium' },
  })
  parameters: Readonly<Record<string, string>>;

  @InstantOrNull('Start of its first attempt')
  firstAt: Date | null;
}

export class TestPageDto {
  @ApiProperty({ description: 'By suite and name', type: [TestIdentityDto] })
  items: readonly TestIdentityDto[];

  @TextOrNull('Cursor of the next page; null on the last', 'WyJjaGVja291dCJd')
  nextCursor: string | null;
}

export class AliasDto {
  @ApiProperty({ description: 'The past test', example: TEST_ID })
  of: string;

  @ApiProperty({ description: 'The present test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Why', example: 'renamed in !482' })
  reason: string;

  @ApiProperty({ description: 'Who', example: 'developer' })
  by: string;

  @Instant('When')
  at: Date;
}

export class CreateAliasDto {
  @ApiProperty({ description: 'testId of the past test', pattern: '^[0-9a-f]{24}$', example: TEST_ID })
  @IsDefined()
  @IsTestId()
  of: string;

  @ApiProperty({ description: 'Why, for the audit log', maxLength: 1000, example: 'renamed in !482' })
  @IsDefined()
  @IsText(1000)
  reason: string;
}

export class UndoAliasQueryDto {
  @ApiPropertyOptional({ description: 'Only the alias of this past test; all of the test without it' })
  @IsOptional()
  @IsTestId()
  of?: string;
}

/** One test; its figures are null where it has no outcome in the window. */
export class TestDetailDto extends TestIdentityDto {
  @ApiProperty({ description: 'Position in the commit log that the figures stand for', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'The window', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'As asked for: a renamed test answers as its present name', example: TEST_ID })
  requestedTestId: string;

  @ApiProperty({ description: 'Its past names', type: [AliasDto] })
  aliases: readonly AliasDto[];

  @ApiProperty({ description: 'Label and figures', type: RankedTestDto, nullable: true })
  figures: RankedTestDto | null;

  @ApiProperty({ description: 'The newest stretch of one failure rate', type: SegmentDto, nullable: true })
  lastSegment: SegmentDto | null;

  @ApiProperty({ description: 'Time to recovery', type: MttrDto, nullable: true })
  mttr: MttrDto | null;

  @ApiProperty({ description: 'Further figures of flakiness', type: () => SecondaryFiguresDto, nullable: true })
  secondary: SecondaryFiguresDto | null;
}

class PosteriorShareDto {
  @ApiProperty({ description: 'What counts', example: 14 })
  numerator: number;

  @ApiProperty({ description: 'Of how many', example: 92 })
  denominator: number;

  @NumberOrNull("Posterior mean under Jeffreys' prior", 0.156)
  value: number | null;

  @NumberOrNull('Lower end of its 95 % interval', 0.09)
  low: number | null;

  @NumberOrNull('Upper end of its 95 % interval', 0.24)
  high: number | null;
}

export class SecondaryFiguresDto {
  @ApiProperty({
    description: 'Of the codes tried at least twice, those on which it disagreed with itself',
    type: PosteriorShareDto,
  })
  sameCodeDisagreement: PosteriorShareDto;

  @ApiProperty({ description: 'Of the retried outcomes, those that passed', type: PosteriorShareDto })
  passOnRetry: PosteriorShareDto;

  @NumberOrNull('Flips / (runs - 1)', 0.12)
  flipRate: number | null;

  @NumberOrNull('Entropy of pass and fail, bits', 0.45)
  entropy: number | null;

  @ApiProperty({ description: "Failure rate under Jeffreys' prior", type: PosteriorShareDto })
  failureRate: PosteriorShareDto;

  @NumberOrNull('P(failure rate > 1 %)', 0.85)
  failureRateAboveOnePercent: number | null;
}

class SuggestedTestDto {
  @ApiProperty({ description: 'Test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a gift card' })
  name: string;

  @TextOrNull('Its suite', 'checkout/payment')
  suite: string | null;

  @ApiProperty({ description: 'The last run of the past test; the first of the present one', example: TEST_ID })
  runId: string;
}

class SuggestionDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'The one that vanished', type: SuggestedTestDto })
  past: SuggestedTestDto;

  @ApiProperty({ description: 'The one that appeared', type: SuggestedTestDto })
  present: SuggestedTestDto;

  @ApiProperty({ description: 'Runs of the suite between the two', example: 0 })
  runsBetween: number;

  @ApiProperty({ description: 'How alike the names are, 0..1', example: 0.81 })
  nameSimilarity: number;

  @NumberOrNull('Ratio of the median durations, 0..1', 0.97)
  durationSimilarity: number | null;

  @ApiProperty({ description: 'For the order only, 0..1', example: 0.9 })
  score: number;
}

export class SuggestionsDto {
  @ApiProperty({ description: 'Position in the commit log that it stands for', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'The window', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'Likeliest first, at most 100', type: [SuggestionDto] })
  items: readonly SuggestionDto[];
}
