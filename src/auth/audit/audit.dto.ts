import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsISO8601, IsOptional } from 'class-validator';
import { IsText, PageQueryDto } from '../../common/index.js';

export class AuditQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Subject of who did it, such as `developer`' })
  @IsOptional()
  @IsText(200)
  actor?: string;

  @ApiPropertyOptional({ description: 'What was done, such as `project.updated`' })
  @IsOptional()
  @IsText(100)
  action?: string;

  @ApiPropertyOptional({
    description: 'A type of thing, or one thing as `type:id`, such as `project` or `project:demo`',
  })
  @IsOptional()
  @IsText(300)
  target?: string;

  @ApiPropertyOptional({ description: 'From this time on', format: 'date-time', example: '2026-01-01T00:00:00Z' })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  from?: string;

  @ApiPropertyOptional({ description: 'Before this time', format: 'date-time' })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  to?: string;
}

class AuditActorDto {
  @ApiProperty({ description: 'Subject of the token, or `key:<keyId>`', example: 'developer' })
  subject: string;

  @ApiProperty({ description: 'Name at that time', example: 'Dana Developer' })
  name: string;

  @ApiProperty({ description: 'What it was', enum: ['user', 'api_key', 'system'], example: 'user' })
  kind: 'user' | 'api_key' | 'system';
}

class AuditTargetDto {
  @ApiProperty({ description: 'Type of thing', example: 'project' })
  type: string;

  @ApiProperty({ description: 'Its id or key', example: 'demo' })
  id: string;

  @ApiPropertyOptional({ description: 'The project it belongs to', example: 'demo' })
  projectKey?: string;
}

export class AuditEntryDto {
  @ApiProperty({ description: 'Id of the entry', example: '6650c0ffee6650c0ffee0001' })
  entryId: string;

  @ApiProperty({ description: 'When', format: 'date-time', type: String, example: '2026-06-30T12:00:00.000Z' })
  at: Date;

  @ApiProperty({ description: 'Who', type: AuditActorDto })
  actor: AuditActorDto;

  @ApiProperty({ description: 'What was done', example: 'project.updated' })
  action: string;

  @ApiProperty({ description: 'To what', type: AuditTargetDto })
  target: AuditTargetDto;

  @ApiProperty({
    description: 'What changed',
    type: 'object',
    additionalProperties: true,
    example: { timeZone: 'Europe/Berlin' },
  })
  details: Readonly<Record<string, unknown>>;
}

export class AuditPageDto {
  @ApiProperty({ description: 'Newest first', type: [AuditEntryDto] })
  items: readonly AuditEntryDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}
