import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsSlug, IsText } from '../../common/index.js';
import { GATE_RULE_IDS, SEVERITIES, type Severity } from '../domain/gate.js';
import { GATE_ID, Instant, NumberInQuery, NumberOrNull, RESULT_HREF, RUN_ID, TEST_ID, TextOrNull } from './fields.js';

export const LONGEST_WAIT_SECONDS = 60;
const VERDICTS = ['pass', 'fail', 'insufficient_data'] as const;
const FORMATS = ['json', 'text'] as const;

export class RunGateQueryDto {
  @ApiPropertyOptional({
    description: 'Another gate than the one that applies; `builtin` for the built-in one',
    example: 'builtin',
  })
  @IsOptional()
  @IsText(64)
  gate?: string;

  @ApiPropertyOptional({ description: "Branch to compare with; the gate's own where nothing is said", example: 'main' })
  @IsOptional()
  @IsText(200)
  baseBranch?: string;

  @ApiPropertyOptional({
    description: 'So long is waited for runs that still go on and shards that are missing, before it is answered',
    type: 'integer',
    minimum: 0,
    maximum: LONGEST_WAIT_SECONDS,
    default: 0,
    example: 0,
  })
  @IsOptional()
  @NumberInQuery()
  @IsInt()
  @Min(0)
  @Max(LONGEST_WAIT_SECONDS)
  waitSeconds?: number;

  @ApiPropertyOptional({
    description: 'text: as `Accept: text/plain`',
    enum: FORMATS,
    default: 'json',
    example: 'json',
  })
  @IsOptional()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];
}

export class BuildGateQueryDto extends RunGateQueryDto {
  @ApiPropertyOptional({ description: 'Key of the project, where several have a build of that id', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;
}

class IntervalDto {
  @ApiProperty({ description: 'Lower end', example: 0.951 })
  low: number;

  @ApiProperty({ description: 'Upper end', example: 0.994 })
  high: number;
}

class ReasonEvidenceDto {
  @ApiProperty({ description: 'Id of the test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a voucher' })
  name: string;

  @ApiProperty({ description: 'Its suite', example: 'checkout/payment' })
  suite: string;

  @TextOrNull('How it ended here; null where it did not run', 'failed')
  status: string | null;

  @ApiProperty({ description: 'Why it stands here', example: 'did not fail in the last 5 outcomes on main' })
  note: string;

  @TextOrNull('The run it ended in', RUN_ID)
  runId: string | null;

  @TextOrNull('The result', RESULT_HREF)
  href: string | null;

  @ApiProperty({ description: 'Runs on the base branch that the note rests on', type: [String], example: [RUN_ID] })
  baseRuns: readonly string[];
}

class ReasonDto {
  @ApiProperty({
    description: 'The rule; `completeness` says that not all of the build is there',
    enum: [...GATE_RULE_IDS, 'completeness'],
    example: 'new_failures',
  })
  rule: string;

  @ApiProperty({ description: 'warn: it is said, and the verdict stays', enum: SEVERITIES, example: 'fail' })
  severity: Severity;

  @ApiProperty({ description: 'Of this rule alone', enum: VERDICTS, example: 'fail' })
  verdict: (typeof VERDICTS)[number];

  @NumberOrNull('What was found, in the unit of the rule; null where there is too little data', 1)
  value: number | null;

  @NumberOrNull('What is allowed', 0)
  threshold: number | null;

  @ApiProperty({
    description: 'max: the value may not be above the threshold; min: not below',
    enum: ['min', 'max'],
    nullable: true,
    example: 'max',
  })
  bound: string | null;

  @TextOrNull('Unit of value and threshold', 'tests')
  unit: string | null;

  @ApiProperty({ description: 'Outcomes (or tests) that it was judged by', example: 412 })
  n: number;

  @NumberOrNull('Of a rate: its numerator, n being the denominator', null)
  numerator: number | null;

  @ApiProperty({ description: 'Of a rate: its 95 % Wilson interval', type: IntervalDto, nullable: true, example: null })
  interval: IntervalDto | null;

  @ApiProperty({ description: 'In words', example: '1 new failure (not counted: 2 flaky, 1 quarantined)' })
  message: string;

  @ApiProperty({ description: 'How many tests it rests on', example: 1 })
  evidenceTotal: number;

  @ApiProperty({ description: 'The first 20 of them', type: [ReasonEvidenceDto] })
  evidence: readonly ReasonEvidenceDto[];
}

class VerdictGateDto {
  @ApiProperty({ description: 'Id of the gate; `builtin` where none is configured', example: GATE_ID })
  gateId: string;

  @ApiProperty({ description: 'Its version', example: 3 })
  version: number;

  @ApiProperty({ description: 'Its name', example: 'No new failures' })
  name: string;

  @ApiProperty({ description: 'Branch that was compared with', example: 'main' })
  baseBranch: string;
}

class ShardsDto {
  @ApiProperty({ description: 'Shards that have sent something', type: [Number], example: [1, 2] })
  seen: readonly number[];

  @NumberOrNull('How many there are; null where no run has said', 2)
  expected: number | null;
}

class VerdictLinksDto {
  @ApiProperty({ description: 'The runs', type: [String], example: [`/api/v1/execution-reporting/runs/${RUN_ID}`] })
  runs: readonly string[];

  @TextOrNull(
    'Comparison with a run of the base branch',
    `/api/v1/execution-reporting/runs/compare?base=${RUN_ID}&head=${RUN_ID}`,
  )
  compare: string | null;
}

export class VerdictDto {
  @ApiProperty({ description: 'May it be merged?', enum: VERDICTS, example: 'fail' })
  verdict: (typeof VERDICTS)[number];

  @ApiProperty({
    description:
      'Goes up when results come in after a verdict was given, or when it changes; the same data, the same version',
    example: 1,
  })
  version: number;

  @ApiProperty({ description: 'What was judged', example: `run:${RUN_ID}` })
  subject: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'What it was judged by', type: VerdictGateDto })
  gate: VerdictGateDto;

  @ApiProperty({ description: 'One per rule', type: [ReasonDto] })
  reasons: readonly ReasonDto[];

  @ApiProperty({ description: 'Position in the commit log', example: 4711 })
  asOf: number;

  @Instant('When it was judged')
  evaluatedAt: string;

  @ApiProperty({ description: 'The runs that were judged', type: [String], example: [RUN_ID] })
  runIds: readonly string[];

  @ApiProperty({ description: 'Of a build: its shards', type: ShardsDto })
  shards: ShardsDto;

  @ApiProperty({ description: 'Where to go on', type: VerdictLinksDto })
  links: VerdictLinksDto;
}

export const VERDICT_TEXT_EXAMPLE = `FAIL  run:${RUN_ID}  (gate "No new failures", against main)
  FAIL new_failures: 1 new failure (not counted: 2 flaky) [threshold 0]
         - checkout/payment > pays with a voucher (failed): did not fail in the last 5 outcomes on main  ${RESULT_HREF}
  version 1, as of 4711
`;
