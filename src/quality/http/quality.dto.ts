import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { RateDto } from '../../metrics/index.js';
import { QUALITY_SCOPES, type QualityScope } from '../quality-groups.js';
import { Instant, InstantOrNull, NumberOrNull, RunIds, TEST_ID, TextOrNull } from './fields.js';
import {
  BoundedFigureDto,
  LabelCountsDto,
  MttdDto,
  MttrDto,
  NextFailureDto,
  QualityRangeDto,
  ReliabilityDto,
  ScoreDto,
  STATUS,
  WeightedFigureDto,
} from './figures.dto.js';
import { FindingDto, ViolationDto } from './findings.dto.js';

class DifferenceDto {
  @NumberOrNull('In the period before', 90.2)
  before: number | null;

  @NumberOrNull('In the range', 91.4)
  now: number | null;

  @NumberOrNull('now - before', 1.2)
  difference: number | null;
}

class QualityChangeDto {
  @ApiProperty({ description: 'The period before, of the same length', type: QualityRangeDto })
  against: QualityRangeDto;

  @ApiProperty({ description: 'Quality score', type: DifferenceDto })
  score: DifferenceDto;

  @ApiProperty({ description: 'Pass rate', type: DifferenceDto })
  passRate: DifferenceDto;

  @ApiProperty({ description: 'Flakiness', type: DifferenceDto })
  flakiness: DifferenceDto;

  @ApiProperty({ description: 'Stability', type: DifferenceDto })
  stability: DifferenceDto;

  @ApiProperty({ description: 'Duration stability', type: DifferenceDto })
  durationStability: DifferenceDto;

  @ApiProperty({ description: 'Reliability, percent', type: DifferenceDto })
  reliability: DifferenceDto;

  @ApiProperty({ description: 'Mean time to recovery, hours', type: DifferenceDto })
  mttrMeanHours: DifferenceDto;
}

class BenchmarkDto {
  @ApiProperty({
    description: 'insufficient_data: not one project, or no other one with a score',
    enum: STATUS,
    example: 'ok',
  })
  status: (typeof STATUS)[number];

  @NumberOrNull('1 is the best of the projects that the caller may see', 2)
  rank: number | null;

  @ApiProperty({ description: 'Projects with a score', example: 5 })
  of: number;

  @NumberOrNull('Share of the others that are not better, 0..1', 0.75)
  percentile: number | null;

  @NumberOrNull('Median score', 84)
  median: number | null;

  @NumberOrNull('Best score', 95.2)
  best: number | null;
}

class QualityPointDto {
  @Instant('Begin of the day')
  at: Date;

  @NumberOrNull('Pass rate of the day', 0.968)
  value: number | null;

  @ApiProperty({ description: 'Outcomes it rests on', example: 780 })
  n: number;

  @NumberOrNull('Lower end of the 95 % Wilson interval', 0.953)
  low: number | null;

  @NumberOrNull('Upper end of the 95 % Wilson interval', 0.978)
  high: number | null;
}

class TrendSlopeDto {
  @NumberOrNull('Theil-Sen slope per point', 0.0004)
  value: number | null;

  @NumberOrNull('Lower end of its 95 % interval', -0.0001)
  low: number | null;

  @NumberOrNull('Upper end of its 95 % interval', 0.0009)
  high: number | null;
}

class QualityTrendDto {
  @ApiProperty({ description: 'Metric of the series', example: 'pass_rate' })
  metric: string;

  @ApiProperty({
    description:
      'Where it goes (statistics as in /trends). improving, degrading: a significant trend, for the better or the worse; stable: none; volatile: none, and it varies by a quarter or more; insufficient_data: fewer than 8 periods with a value',
    enum: ['improving', 'degrading', 'stable', 'volatile', 'insufficient_data'],
    example: 'stable',
  })
  direction: string;

  @ApiProperty({ description: 'How fast', type: TrendSlopeDto })
  slope: TrendSlopeDto;

  @ApiProperty({ description: 'Its days; weeks where the range is longer than 400 days', type: [QualityPointDto] })
  points: readonly QualityPointDto[];
}

class ClusterCountsDto {
  @ApiProperty({ description: 'Not in the period before', example: 2 })
  new: number;

  @ApiProperty({ description: 'In both', example: 7 })
  known: number;

  @ApiProperty({ description: 'Only in the period before', example: 3 })
  resolved: number;
}

class LikelyFailureDto {
  @ApiProperty({ description: 'Test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a gift card' })
  name: string;

  @TextOrNull('Its suite', 'checkout/payment')
  suite: string | null;

  @ApiProperty({ description: 'P(the next run fails)', type: NextFailureDto })
  nextRun: NextFailureDto;
}

class RunCountsDto {
  @ApiProperty({ description: 'Runs with an outcome of the scope', example: 118 })
  total: number;

  @ApiProperty({ description: 'Left out of flakiness', example: 1 })
  excluded: number;

  @RunIds('Those left out, newest first, at most 20')
  excludedRuns: readonly string[];
}

class RetriesDto {
  @ApiProperty({ description: 'Outcomes with more than one attempt', example: 214 })
  outcomes: number;

  @ApiProperty({ description: 'Time that superseded attempts took, ms', example: 912_000 })
  wastedMs: number;
}

class QualityGroupDto {
  @ApiPropertyOptional({ description: 'Team; null for none', type: String, nullable: true, example: 'shop' })
  team?: string | null;

  @ApiPropertyOptional({ description: 'Key of the project', example: 'demo' })
  project?: string;

  @ApiPropertyOptional({ description: 'Suite; null for none', type: String, nullable: true, example: 'checkout/cart' })
  suite?: string | null;

  @ApiProperty({ description: 'Quality score', type: ScoreDto })
  score: ScoreDto;

  @ApiProperty({ description: 'passed / (passed + failed + broken + timeout)', type: RateDto })
  passRate: RateDto;

  @ApiProperty({ description: 'Mean phi', type: BoundedFigureDto })
  flakiness: BoundedFigureDto;

  @ApiProperty({ description: '1 - flakiness', type: BoundedFigureDto })
  stability: BoundedFigureDto;

  @ApiProperty({ description: 'Time to recovery', type: MttrDto })
  mttr: MttrDto;

  @ApiProperty({ description: 'Tests by label', type: LabelCountsDto })
  tests: LabelCountsDto;
}

/** Answer of GET /quality-metrics. */
export class QualityMetricsDto {
  @ApiProperty({ description: 'Position in the commit log that the figures stand for', example: 4711 })
  asOf: number;

  @InstantOrNull('When the newest commit came in; null when there is none')
  newestCommitAt: Date | null;

  @ApiProperty({ description: 'As asked for', enum: QUALITY_SCOPES, example: 'project' })
  scope: QualityScope;

  @ApiProperty({ description: 'The range', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'Quality score, 0 to 100, with its parts', type: ScoreDto })
  score: ScoreDto;

  @ApiProperty({ description: 'passed / (passed + failed + broken + timeout)', type: RateDto })
  passRate: RateDto;

  @ApiProperty({ description: 'Share of runs that a failure was worth looking at in none', type: ReliabilityDto })
  reliability: ReliabilityDto;

  @ApiProperty({ description: 'Mean phi of the tests on their newest stretch', type: BoundedFigureDto })
  flakiness: BoundedFigureDto;

  @ApiProperty({ description: '1 - flakiness', type: BoundedFigureDto })
  stability: BoundedFigureDto;

  @ApiProperty({ description: '1 - min(1, MAD / median) of passing durations', type: WeightedFigureDto })
  durationStability: WeightedFigureDto;

  @ApiProperty({ description: 'Time to recovery', type: MttrDto })
  mttr: MttrDto;

  @ApiProperty({ description: 'Time to detection', type: MttdDto })
  mttd: MttdDto;

  @ApiProperty({ description: 'Tests by label', type: LabelCountsDto })
  tests: LabelCountsDto;

  @ApiProperty({ description: 'Runs, and those left out as outages', type: RunCountsDto })
  runs: RunCountsDto;

  @ApiProperty({ description: 'Retries and what they cost', type: RetriesDto })
  retries: RetriesDto;

  @ApiProperty({ description: 'Limits that figures break', type: [ViolationDto] })
  thresholdViolations: readonly ViolationDto[];

  @ApiProperty({ description: 'What is worth knowing, gravest first', type: [FindingDto] })
  insights: readonly FindingDto[];

  @ApiProperty({ description: 'Risk factors, gravest first', type: [FindingDto] })
  risks: readonly FindingDto[];

  @ApiProperty({ description: 'What to do next, most urgent first', type: [FindingDto] })
  recommendations: readonly FindingDto[];

  @ApiProperty({ description: 'Against the period before', type: QualityChangeDto })
  change: QualityChangeDto;

  @ApiProperty({ description: 'Pass rate by day', type: QualityTrendDto })
  trend: QualityTrendDto;

  @ApiProperty({ description: "Among the organization's projects that the caller may see", type: BenchmarkDto })
  benchmark: BenchmarkDto;

  @ApiProperty({ description: 'Failure clusters against the period before', type: ClusterCountsDto })
  failureClusters: ClusterCountsDto;

  @ApiProperty({ description: 'Tests most likely to fail in the next run, at most ten', type: [LikelyFailureDto] })
  likelyToFail: readonly LikelyFailureDto[];

  @ApiProperty({ description: 'Each team, project or suite, worst score first, at most 100', type: [QualityGroupDto] })
  groups: readonly QualityGroupDto[];
}
