import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { MetricFilterQueryDto } from '../../metrics/index.js';
import { QUALITY_SCOPES, type QualityScope } from '../quality-groups.js';

export class QualityQueryDto extends MetricFilterQueryDto {
  @ApiPropertyOptional({
    description:
      'What the figures are of. They are of everything that the filter names, and `groups` gives those of each team, project or suite in it. ' +
      'For single tests see `/quality-metrics/tests`.',
    enum: QUALITY_SCOPES,
    default: 'organization',
    example: 'project',
  })
  @IsOptional()
  @IsIn(QUALITY_SCOPES)
  scope?: QualityScope;
}
