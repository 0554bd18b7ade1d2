import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { FromQuery } from '../../metrics/index.js';
import { CLUSTER_STATES, type ClusterState } from '../assessments/failure-clusters.js';
import { Instant, RunIds, TEST_ID, TextOrNull } from './fields.js';
import { QualityRangeDto } from './figures.dto.js';
import { PagedFilterQueryDto } from './outages.dto.js';

const STATES_TEXT = 'new: not in the window before; known: in both windows; resolved: only in the window before';

export class ClustersQueryDto extends PagedFilterQueryDto {
  @ApiPropertyOptional({
    description: `Only clusters in one of these states; repeated or comma-separated. ${STATES_TEXT}`,
    enum: CLUSTER_STATES,
    isArray: true,
  })
  @IsOptional()
  @FromQuery()
  @IsArray()
  @ArrayMaxSize(3)
  @IsIn(CLUSTER_STATES, { each: true })
  state?: ClusterState[];
}

class ClusterTestDto {
  @ApiProperty({ description: 'Test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a gift card' })
  name: string;

  @TextOrNull('Its suite', 'checkout/payment')
  suite: string | null;
}

class ClusterExampleDto {
  @ApiProperty({ description: 'Result', example: '6a25f0c06650c0ffee6650c0ffee0002' })
  resultId: string;

  @TextOrNull('Type of the error', 'TimeoutError')
  type: string | null;

  @TextOrNull('Message of the error', 'locator.click: Timeout 5000ms exceeded')
  message: string | null;
}

export class ClusterDto {
  @ApiProperty({ description: 'Fingerprint that its failures share', example: '9f86d081884c7d65' })
  fingerprint: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: `Against the window before. ${STATES_TEXT}`, enum: CLUSTER_STATES, example: 'new' })
  state: ClusterState;

  @ApiProperty({ description: 'Failed outcomes; of a resolved one in the window before', example: 41 })
  failures: number;

  @ApiProperty({ description: 'Tests that failed so', example: 12 })
  testCount: number;

  @ApiProperty({ description: 'Those tests, at most 20', type: [ClusterTestDto] })
  tests: readonly ClusterTestDto[];

  @ApiProperty({ description: 'Suites', type: [String], example: ['checkout/payment'] })
  suites: readonly string[];

  @ApiProperty({ description: 'Branches', type: [String], example: ['main'] })
  branches: readonly string[];

  @RunIds('Runs, newest first, at most 20')
  runs: readonly string[];

  @Instant('First failure in its window')
  firstAt: Date;

  @Instant('Last failure in its window')
  lastAt: Date;

  @ApiProperty({
    description: 'The newest failure; null where its document is gone',
    type: ClusterExampleDto,
    nullable: true,
  })
  example: ClusterExampleDto | null;
}

class ClusterStateCountsDto {
  @ApiProperty({ description: 'Not in the window before', example: 2 })
  new: number;

  @ApiProperty({ description: 'In both', example: 7 })
  known: number;

  @ApiProperty({ description: 'Only in the window before', example: 3 })
  resolved: number;
}

export class ClusterPageDto {
  @ApiProperty({ description: 'Position in the commit log that it stands for', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'The window', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'The window before', type: QualityRangeDto })
  previousRange: QualityRangeDto;

  @ApiProperty({ description: 'Clusters by state, whatever `state` asks for', type: ClusterStateCountsDto })
  counts: ClusterStateCountsDto;

  @ApiProperty({ description: 'New ones first, then known, then resolved; the largest first', type: [ClusterDto] })
  items: readonly ClusterDto[];

  @TextOrNull('Cursor of the next page; null on the last', 'WzAsLTQxLCI2NjUwIl0')
  nextCursor: string | null;

  @ApiProperty({ description: 'Clusters in all pages', example: 12 })
  total: number;
}
