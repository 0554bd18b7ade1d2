import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../../common/index.js';
import { type Build, BUILD_STATUSES, type BuildStatus } from '../../domain/build.js';
import { RunDto, RunTotalsDto, toRunDto } from './run-view.dto.js';

export class BuildSummaryDto {
  @ApiProperty({ description: 'Id of the build', example: 'build-4711' })
  buildId: string;

  @ApiProperty({
    description: 'running: a run still is; incomplete: shards are missing; aborted: a run was; finished: all is there',
    enum: BUILD_STATUSES,
    example: 'finished',
  })
  status: BuildStatus;

  @ApiProperty({ description: 'Shards that have sent something', type: [Number], example: [1, 2] })
  shardsSeen: readonly number[];

  @ApiPropertyOptional({ description: 'How many shards there are to be', example: 2 })
  shardsExpected?: number;

  @ApiProperty({ description: 'Sums over the runs', type: RunTotalsDto })
  totals: RunTotalsDto;

  @ApiProperty({
    description: 'Start of the first run',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:30:00.000Z',
  })
  startedAt: Date;

  @ApiPropertyOptional({
    description: 'End of the last run',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:41:00.000Z',
  })
  finishedAt?: Date;

  @ApiProperty({ description: 'How many runs it has', example: 2 })
  runCount: number;
}

export class BuildDetailDto extends BuildSummaryDto {
  @ApiProperty({ description: 'Its runs, oldest first', type: [RunDto] })
  runs: readonly RunDto[];
}

export class BuildPageDto {
  @ApiProperty({ description: 'By newest run', type: [BuildSummaryDto] })
  items: readonly BuildSummaryDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export const toBuildSummaryDto = ({ runs, ...build }: Build): Plain<BuildSummaryDto> => ({
  ...build,
  runCount: runs.length,
});

export const toBuildDetailDto = (build: Build): Plain<BuildDetailDto> => ({
  ...toBuildSummaryDto(build),
  runs: build.runs.map(toRunDto),
});
