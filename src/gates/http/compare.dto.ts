import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsSlug, IsText, PageQueryDto } from '../../common/index.js';
import { COMPARE_CATEGORIES, type CompareCategory } from '../domain/compare.js';
import { SLOWER_DEFINITION } from '../domain/slower.js';
import { BASE_RUN_ID, NumberOrNull, RESULT_HREF, RUN_ID, TEST_ID, TextOrNull } from './fields.js';

export class CompareQueryDto extends OmitType(PageQueryDto, ['cursor'] as const) {
  @ApiPropertyOptional({ description: 'Id of the run to compare with', example: BASE_RUN_ID })
  @IsOptional()
  @IsText(64)
  base?: string;

  @ApiPropertyOptional({ description: 'Id of the run that is looked at', example: RUN_ID })
  @IsOptional()
  @IsText(64)
  head?: string;

  @ApiPropertyOptional({ description: 'In place of `base`: id of a build, or a commit' })
  @IsOptional()
  @IsText(200)
  baseBuild?: string;

  @ApiPropertyOptional({ description: 'In place of `head`: id of a build, or a commit' })
  @IsOptional()
  @IsText(200)
  headBuild?: string;

  @ApiPropertyOptional({ description: 'Key of the project, where several have a build of that id', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({
    description: 'Only this list; all of them otherwise',
    enum: COMPARE_CATEGORIES,
  })
  @IsOptional()
  @IsIn(COMPARE_CATEGORIES)
  category?: CompareCategory;

  @ApiPropertyOptional({ description: "A list's `nextCursor`: the page after, of that list alone" })
  @IsOptional()
  @IsText(2000)
  cursor?: string;
}

class ComparedOutcomeDto {
  @ApiProperty({ description: 'How it ended', example: 'failed' })
  status: string;

  @ApiProperty({ description: 'Passed only after a failure on the same code', example: false })
  flaky: boolean;

  @NumberOrNull('Time it took in ms', 182)
  durationMs: number | null;

  @ApiProperty({ description: 'The run', example: RUN_ID })
  runId: string;

  @ApiProperty({ description: 'Id of the result', example: '6650c0ffa1b2c3d4e5f60718293a4b5c' })
  resultId: string;

  @ApiProperty({ description: 'The result', example: RESULT_HREF })
  href: string;
}

class SlowerDto {
  @ApiProperty({ description: 'Median here, in ms', example: 812 })
  headMs: number;

  @ApiProperty({ description: 'Median of the passing durations on the base side, in ms', example: 430 })
  referenceMs: number;

  @ApiProperty({ description: 'How many times as long', example: 1.89 })
  ratio: number;

  @ApiProperty({ description: 'One-sided p value', example: 0.00004 })
  p: number;

  @ApiProperty({ description: 'p adjusted over all tests that were tested (Benjamini-Hochberg)', example: 0.008 })
  q: number;

  @ApiProperty({ description: 'Durations here', example: 1 })
  headN: number;

  @ApiProperty({ description: 'Durations on the base side', example: 30 })
  referenceN: number;
}

class ComparedTestDto {
  @ApiProperty({ description: 'Id of the test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a voucher' })
  name: string;

  @ApiProperty({ description: 'Its suite', example: 'checkout/payment' })
  suite: string;

  @ApiProperty({ description: 'Before; null where it was not run', type: ComparedOutcomeDto, nullable: true })
  base: ComparedOutcomeDto | null;

  @ApiProperty({ description: 'Now; null where it was not run', type: ComparedOutcomeDto, nullable: true })
  head: ComparedOutcomeDto | null;

  @ApiProperty({ description: 'Where it has become slower: by how much', type: SlowerDto, nullable: true })
  duration: SlowerDto | null;
}

class CompareListDto {
  @ApiProperty({ description: 'Failures first, then by suite; slower ones by ratio', type: [ComparedTestDto] })
  items: readonly ComparedTestDto[];

  @TextOrNull('Cursor of the next page of this list; null on the last', null)
  nextCursor: string | null;
}

class CompareSideDto {
  @ApiProperty({ description: 'Its runs', type: [String], example: [RUN_ID] })
  runIds: readonly string[];

  @TextOrNull('Branch', 'main')
  branch: string | null;

  @TextOrNull('Commit', '9fceb02')
  commit: string | null;

  @ApiProperty({ description: 'Tests with an outcome', example: 412 })
  tests: number;
}

class CompareCountsDto {
  @ApiProperty({ description: 'Fail now, did not before', example: 2 })
  newlyFailing: number;

  @ApiProperty({ description: 'Failed before and fail now', example: 1 })
  stillFailing: number;

  @ApiProperty({ description: 'Failed before, pass now', example: 3 })
  fixed: number;

  @ApiProperty({ description: 'Were not there before', example: 4 })
  added: number;

  @ApiProperty({ description: 'Are not there any more', example: 0 })
  removed: number;

  @ApiProperty({ description: 'Passed now only after a failure on the same code', example: 1 })
  flaky: number;

  @ApiProperty({ description: 'Significantly slower', example: 1 })
  slower: number;

  @ApiProperty({ description: 'In none of the first five lists', example: 402 })
  unchanged: number;
}

class CompareListsDto {
  @ApiPropertyOptional({ description: 'Fail now, did not before', type: CompareListDto })
  newlyFailing?: CompareListDto;

  @ApiPropertyOptional({ description: 'Failed before and fail now', type: CompareListDto })
  stillFailing?: CompareListDto;

  @ApiPropertyOptional({ description: 'Failed before, pass now', type: CompareListDto })
  fixed?: CompareListDto;

  @ApiPropertyOptional({ description: 'Were not there before', type: CompareListDto })
  added?: CompareListDto;

  @ApiPropertyOptional({ description: 'Are not there any more', type: CompareListDto })
  removed?: CompareListDto;

  @ApiPropertyOptional({ description: 'Passed now only after a failure on the same code', type: CompareListDto })
  flaky?: CompareListDto;

  @ApiPropertyOptional({ description: 'Significantly slower', type: CompareListDto })
  slower?: CompareListDto;
}

class SlowerDefinitionDto {
  @ApiProperty({ description: 'Id of the definition', example: SLOWER_DEFINITION.id })
  id: string;

  @ApiProperty({ description: 'Its version', example: SLOWER_DEFINITION.version })
  version: number;

  @ApiProperty({ description: 'What is tested and how', example: SLOWER_DEFINITION.text })
  text: string;

  @ApiProperty({ description: 'Tests that had enough durations to be tested', example: 398 })
  tested: number;
}

export class CompareDto {
  @ApiProperty({ description: 'Position in the commit log', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'Before', type: CompareSideDto })
  base: CompareSideDto;

  @ApiProperty({ description: 'Now', type: CompareSideDto })
  head: CompareSideDto;

  @ApiProperty({ description: 'How many tests of each kind', type: CompareCountsDto })
  counts: CompareCountsDto;

  @ApiProperty({ description: 'Which ones, as many as `limit` says of each', type: CompareListsDto })
  lists: CompareListsDto;

  @ApiProperty({ description: 'How it is decided that a test is slower', type: SlowerDefinitionDto })
  slowerTest: SlowerDefinitionDto;
}
