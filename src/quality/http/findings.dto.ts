import { ApiProperty } from '@nestjs/swagger';
import { SEVERITIES, type Severity } from '../domain/rules.js';
import { RunIds, TEST_ID } from './fields.js';

class FindingEvidenceDto {
  @ApiProperty({ description: 'Test ids, worst first, at most 20', type: [String], example: [TEST_ID] })
  tests: readonly string[];

  @RunIds('Run ids, at most 20')
  runs: readonly string[];

  @ApiProperty({
    description: 'The figures that the rule looked at',
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { confirmed: 6, tests: 200 },
  })
  figures: Readonly<Record<string, number>>;
}

export class FindingDto {
  @ApiProperty({ description: 'Rule', example: 'flaky_tests' })
  id: string;

  @ApiProperty({ description: 'How grave', enum: SEVERITIES, example: 'high' })
  severity: Severity;

  @ApiProperty({ description: 'For people', example: '6 tests (3.0 %) change their outcome without cause' })
  message: string;

  @ApiProperty({ description: 'What caused it', type: FindingEvidenceDto })
  evidence: FindingEvidenceDto;
}

export class ViolationDto {
  @ApiProperty({ description: 'Limit', example: 'minimum_pass_rate' })
  id: string;

  @ApiProperty({ description: 'Metric that it is of', example: 'pass_rate' })
  metric: string;

  @ApiProperty({ description: 'What is allowed', enum: ['at_least', 'at_most'], example: 'at_least' })
  comparison: 'at_least' | 'at_most';

  @ApiProperty({ description: 'The limit', example: 0.9 })
  limit: number;

  @ApiProperty({ description: 'The value that breaks it', example: 0.87 })
  value: number;
}
