import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { FromQuery } from '../../metrics/index.js';
import { EXPORT_STATUSES, type ExportStatus } from '../domain/export-job.js';

const booleanIn = (value: unknown): unknown => (value === 'true' ? true : value === 'false' ? false : value);

export class ExportsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'Only of these statuses',
    enum: [...EXPORT_STATUSES],
    isArray: true,
    example: ['completed'],
  })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(EXPORT_STATUSES.length)
  @IsIn(EXPORT_STATUSES, { each: true })
  status?: ExportStatus[];

  @ApiPropertyOptional({ description: 'Only your own', default: false, example: true })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => booleanIn(value))
  @IsBoolean()
  mine?: boolean;
}

/** The query of a signed link; without it a token is needed. */
export class DownloadQueryDto {
  @ApiPropertyOptional({ description: 'Organization', example: 'demo' })
  @IsOptional()
  @IsString()
  @MaxLength(200)
  org?: string;

  @ApiPropertyOptional({ description: 'End of the link, epoch seconds', example: '1771000000' })
  @IsOptional()
  @IsString()
  @MaxLength(20)
  expires?: string;

  @ApiPropertyOptional({ description: 'Key that it was signed with', example: 'Zk3v9QwE' })
  @IsOptional()
  @IsString()
  @MaxLength(20)
  key?: string;

  @ApiPropertyOptional({ description: 'HMAC-SHA256 over all of it' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  signature?: string;
}
