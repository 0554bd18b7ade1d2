import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsMongoId, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { TemplateRequestDto } from '../http/report-request.dto.js';
import { JobWindowDto } from './job-window.js';

/** Options of a scheduled report. */
export class ScheduledReportOptionsDto extends JobWindowDto {
  @ApiPropertyOptional({ description: 'A template, as it is when it runs', example: '6650c0ffee6650c0ffee0003' })
  @IsOptional()
  @IsMongoId()
  templateId?: string;

  @ApiPropertyOptional({ description: 'What to report, instead of a template', type: TemplateRequestDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TemplateRequestDto)
  request?: TemplateRequestDto;
}
