import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsString, MaxLength, ValidateBy } from 'class-validator';
import { MATCH_OPERATORS, type MatchOperator } from '../domain/labels.js';
import { isLabelName } from './fields.js';

export class MatcherDto {
  @ApiProperty({
    description:
      'Name of a label: rule, ruleId, metric, severity, project, suite, test, branch, environment, or one of a rule',
    example: 'severity',
  })
  @ValidateBy({
    name: 'isLabelName',
    validator: { validate: isLabelName, defaultMessage: () => 'must be the name of a label' },
  })
  label: string;

  @ApiProperty({ description: 'How it is compared', enum: MATCH_OPERATORS, example: '=' })
  @IsIn(MATCH_OPERATORS)
  operator: MatchOperator;

  @ApiProperty({
    description: 'With what; a label that is not there is the empty text',
    maxLength: 500,
    example: 'low',
  })
  @IsString()
  @MaxLength(500)
  value: string;
}
