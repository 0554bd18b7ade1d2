import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { RESULT_STATUSES, type ResultStatus } from '../../executions/index.js';
import { CellDto } from '../../metrics/index.js';
import { LEVELS, type Level } from '../domain/drill-path.js';
import { ReportBucketDto } from './report-rows.dto.js';

class CrumbDto {
  @ApiProperty({ description: '`report`, `row`, or the kind of the segment', example: 'suite' })
  kind: string;

  @ApiProperty({ description: 'What was chosen; null is none', type: String, nullable: true, example: 'checkout' })
  value: string | null;

  @ApiProperty({ description: 'For people to read', example: 'checkout' })
  title: string;

  @ApiProperty({
    description: 'The way back there',
    example: '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown?path=suite%3Acheckout',
  })
  href: string;
}

class ClusterFiguresDto {
  @ApiProperty({ description: 'Outcomes', example: 14 })
  size: number;

  @ApiProperty({ description: 'Distinct tests', example: 3 })
  tests: number;

  @ApiProperty({ description: 'Suites', type: [String], example: ['checkout'] })
  suites: readonly string[];

  @ApiProperty({ description: 'Branches', type: [String], example: ['main'] })
  branches: readonly string[];

  @ApiProperty({ description: 'First seen', format: 'date-time', example: '2026-01-12T08:00:00.000Z' })
  firstSeenAt: string;

  @ApiProperty({ description: 'Last seen', format: 'date-time', example: '2026-01-30T08:00:00.000Z' })
  lastSeenAt: string;
}

/** A row of any level above results. */
export class DrillGroupDto {
  @ApiProperty({ description: 'The level', enum: [...LEVELS], example: 'suite' })
  kind: string;

  @ApiProperty({ description: 'The value; null is none', type: String, nullable: true, example: 'checkout' })
  value: string | null;

  @ApiProperty({ description: 'For people to read', example: 'checkout' })
  title: string;

  @ApiPropertyOptional({ description: 'Its figures as of the report; not of a cluster', type: CellDto })
  cell?: CellDto;

  @ApiPropertyOptional({ description: 'Figures of a cluster', type: ClusterFiguresDto })
  cluster?: ClusterFiguresDto;

  @ApiPropertyOptional({ description: 'Of a day or an hour', type: ReportBucketDto })
  bucket?: ReportBucketDto;

  @ApiProperty({
    description: 'One level down',
    example: '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown?path=suite%3Acheckout',
  })
  href: string;
}

class ResultErrorDto {
  @ApiProperty({ description: 'Type', type: String, nullable: true, example: 'AssertionError' })
  type: string | null;

  @ApiProperty({ description: 'Message', type: String, nullable: true, example: 'expected 200, got 502' })
  message: string | null;
}

/** A row of the level `result`: one attempt. */
export class DrillResultDto {
  @ApiProperty({ description: 'Id of the result', example: '6650c0ff00112233445566778899aabb' })
  resultId: string;

  @ApiProperty({ description: 'Id of the test', example: '0f1e2d3c4b5a69788796a5b4' })
  testId: string;

  @ApiProperty({ description: 'Name of the test', example: 'pays with a voucher' })
  name: string;

  @ApiProperty({ description: 'Suite path', type: String, nullable: true, example: 'checkout' })
  suite: string | null;

  @ApiProperty({ description: 'Status', enum: [...RESULT_STATUSES], example: 'failed' })
  status: ResultStatus;

  @ApiProperty({ description: 'Number of the attempt, from 1', example: 1 })
  attempt: number;

  @ApiProperty({ description: 'When it began', format: 'date-time', example: '2026-01-30T08:00:00.000Z' })
  startedAt: string;

  @ApiProperty({ description: 'How long it took, ms', type: Number, nullable: true, example: 812.4 })
  durationMs: number | null;

  @ApiProperty({ description: 'Its error', type: ResultErrorDto, nullable: true })
  error: ResultErrorDto | null;

  @ApiProperty({ description: 'Id of the run', example: '6650c0ffee6650c0ffee0002' })
  runId: string;

  @ApiProperty({ description: 'Project', example: 'demo' })
  projectKey: string;

  @ApiProperty({ description: 'Branch of the run', type: String, nullable: true, example: 'main' })
  branch: string | null;

  @ApiProperty({ description: 'Environment of the run', type: String, nullable: true, example: 'staging' })
  environment: string | null;

  @ApiProperty({ description: 'Number of steps', example: 4 })
  steps: number;

  @ApiProperty({
    description: 'Its steps',
    example: '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown?level=step',
  })
  href: string;
}

/** A row of the level `step`. */
export class DrillStepDto {
  @ApiProperty({ description: 'Its place, from 0', example: 0 })
  index: number;

  @ApiProperty({ description: 'Name', example: 'open the cart' })
  name: string;

  @ApiProperty({ description: 'Status', enum: [...RESULT_STATUSES], example: 'passed' })
  status: ResultStatus;

  @ApiPropertyOptional({ description: 'How long it took, ms', example: 120 })
  durationMs?: number;

  @ApiPropertyOptional({ description: 'What was expected', example: '200' })
  expected?: string;

  @ApiPropertyOptional({ description: 'What came', example: '502' })
  actual?: string;

  @ApiPropertyOptional({ description: 'What went wrong', example: 'Bad gateway' })
  error?: string;

  @ApiPropertyOptional({ description: 'Warnings', type: [String], example: [] })
  warnings?: readonly string[];
}

class RemovedDto {
  @ApiProperty({ description: 'Of runs that were deleted since the report', example: 0 })
  deleted: number;

  @ApiProperty({ description: 'Of runs whose results retention has removed', example: 0 })
  expired: number;
}

@ApiExtraModels(DrillGroupDto, DrillResultDto, DrillStepDto)
export class DrilldownDto {
  @ApiProperty({ description: 'What the rows are', enum: [...LEVELS], example: 'suite' })
  level: Level;

  @ApiProperty({ description: 'The way here', type: [CrumbDto] })
  breadcrumb: readonly CrumbDto[];

  @ApiProperty({
    description: 'Levels that `level` may name here',
    enum: [...LEVELS],
    isArray: true,
    example: ['test', 'result', 'day'],
  })
  availableLevels: readonly Level[];

  @ApiProperty({
    description:
      'Groups with their cells, most failures first (days and hours newest first); results newest first; steps in order',
    type: 'array',
    items: {
      anyOf: [
        { $ref: getSchemaPath(DrillGroupDto) },
        { $ref: getSchemaPath(DrillResultDto) },
        { $ref: getSchemaPath(DrillStepDto) },
      ],
    },
  })
  rows: readonly object[];

  @ApiProperty({ description: 'Rows over all pages', example: 8 })
  total: number;

  @ApiProperty({
    description:
      'Outcomes of the cell whose documents are gone since: on the level `result`, total + removed = what the cell says',
    type: RemovedDto,
  })
  removed: RemovedDto;

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;

  @ApiProperty({ description: 'Position in the commit log that the report stands for', example: 412 })
  asOf: number;
}
