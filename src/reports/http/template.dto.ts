import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDefined, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { IsText, type Plain } from '../../common/index.js';
import type { ReportTemplate, TemplateSettings } from '../domain/template.js';
import { TemplateRequestDto, toTemplateRequest } from './report-request.dto.js';

export class SaveTemplateDto {
  @ApiProperty({ description: 'Its name, once in the organization', maxLength: 200, example: 'Weekly quality' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', maxLength: 2000, example: 'For the Monday meeting' })
  @IsOptional()
  @IsText(2000)
  description?: string;

  @ApiProperty({
    description: 'The request. `filter.timeRange.lastDays` and a missing range are worked out anew each time.',
    type: TemplateRequestDto,
  })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => TemplateRequestDto)
  request: TemplateRequestDto;
}

export class ReportTemplateDto {
  @ApiProperty({ description: 'Id of the template', example: '6650c0ffee6650c0ffee0003' })
  templateId: string;

  @ApiProperty({ description: 'Its name', example: 'Weekly quality' })
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', example: 'For the Monday meeting' })
  description?: string;

  @ApiProperty({ description: 'The request', type: TemplateRequestDto })
  request: object;

  @ApiProperty({ description: 'Who made it', example: 'developer' })
  createdBy: string;

  @ApiProperty({
    description: 'When it was made',
    format: 'date-time',
    type: String,
    example: '2026-01-31T12:00:00.000Z',
  })
  createdAt: Date;

  @ApiProperty({
    description: 'When it was changed',
    format: 'date-time',
    type: String,
    example: '2026-01-31T12:00:00.000Z',
  })
  updatedAt: Date;
}

export class ReportTemplatePageDto {
  @ApiProperty({ description: 'By name', type: [ReportTemplateDto] })
  items: readonly ReportTemplateDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export const toSettings = ({ name, description, request }: SaveTemplateDto): TemplateSettings => ({
  name,
  ...(description ? { description } : {}),
  request: toTemplateRequest(request.type, request),
});

/** The request in the words of the API: its range stands in the filter. */
export const toTemplateDto = ({ request, ...template }: ReportTemplate): Plain<ReportTemplateDto> => {
  const { timeRange, filter, ...shape } = request;
  return { ...template, request: { ...shape, filter: { ...filter, ...(timeRange ? { timeRange } : {}) } } };
};
