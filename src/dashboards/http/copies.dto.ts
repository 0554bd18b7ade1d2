import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  Equals,
  IsArray,
  IsDefined,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsSlug, IsText, IsTimeZone } from '../../common/index.js';
import { TEMPLATES } from '../domain/templates.js';
import { Text } from '../widgets/fields.js';
import { CreateDashboardDto, MayBeLeftOut, SaveContentDto } from './save-dashboard.dto.js';

const FORMAT = 'execution-reporting.dashboard';

export class CloneDashboardDto {
  @ApiPropertyOptional({
    description: 'Name of the copy; the old one with "(copy)" without it',
    example: 'My release board',
  })
  @MayBeLeftOut()
  @IsText(200)
  name?: string;
}

const IDS = TEMPLATES.map(({ templateId }) => templateId);

export class FromTemplateDto extends PickType(CreateDashboardDto, ['visibility', 'users', 'editors', 'project']) {
  @ApiProperty({ description: 'Which template', enum: IDS, example: 'qa_engineer' })
  @IsIn(IDS)
  templateId: string;

  @ApiPropertyOptional({ description: "Name; the template's without it", example: 'QA of the demo shop' })
  @MayBeLeftOut()
  @IsText(200)
  name?: string;

  @ApiPropertyOptional({
    description: 'Keys of the projects that it looks at; all that the viewer may see without it',
    type: [String],
    example: ['demo'],
  })
  @MayBeLeftOut()
  @IsArray()
  @ArrayMaxSize(200)
  @IsSlug({ each: true })
  projects?: string[];

  @ApiPropertyOptional({
    description: 'Zone in which its days begin; that of the viewer without it',
    example: 'Europe/Berlin',
  })
  @MayBeLeftOut()
  @IsTimeZone()
  timeZone?: string;
}

export class DashboardTemplateDto {
  @Text('Id of the template', 'qa_engineer')
  templateId: string;

  @Text('Its name', 'QA engineer')
  name: string;

  @Text('What it shows', 'What fails, why, and which tests cannot be trusted.')
  description: string;

  @ApiProperty({ description: 'Types of its widgets', type: [String], example: ['execution_summary', 'flaky_tests'] })
  widgetTypes: readonly string[];
}

export class DashboardTemplatesDto {
  @ApiProperty({ description: 'All templates', type: [DashboardTemplateDto] })
  items: readonly DashboardTemplateDto[];
}

/** A dashboard as a file. */
export class ExportedDashboardDto {
  @ApiProperty({ description: 'What it is', enum: [FORMAT], example: FORMAT })
  @Equals(FORMAT)
  format: string;

  @ApiProperty({ description: 'Version of the format', enum: [1], example: 1 })
  @IsInt()
  @Min(1)
  @Max(1)
  formatVersion: number;

  @ApiPropertyOptional({ description: 'When it was made', format: 'date-time', example: '2026-06-30T12:00:00.000Z' })
  @IsOptional()
  @IsString()
  exportedAt?: string;

  @ApiProperty({ description: 'Its content', type: SaveContentDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => SaveContentDto)
  dashboard: SaveContentDto;
}

export class ImportDashboardDto extends ExportedDashboardDto {
  @ApiPropertyOptional({ description: 'Another name', example: 'Release quality of the other team' })
  @MayBeLeftOut()
  @IsText(200)
  name?: string;
}
