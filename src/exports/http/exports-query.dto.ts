import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { PageQueryDto } from '../../common/index.js';
import { FromQuery } from '../../metrics/index.js';
import { EXPORT_STATUSES, type ExportStatus } from '../domain/export-job.js';

/** A field of a link that is no text (it stands there twice) has been altered, and fits no signature: 403, as any other. */
const LinkField = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (value === undefined || typeof value === 'string' ? value : '')),
    IsOptional(),
    IsString(),
  );

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

/** The query of a signed link; without it a token is needed, so Swagger UI fills in nothing (no examples). */
export class DownloadQueryDto {
  @ApiPropertyOptional({ description: 'Organization' })
  @LinkField()
  org?: string;

  @ApiPropertyOptional({ description: 'End of the link, epoch seconds such as 1893456000' })
  @LinkField()
  expires?: string;

  @ApiPropertyOptional({ description: 'Key that it was signed with' })
  @LinkField()
  key?: string;

  @ApiPropertyOptional({ description: 'HMAC-SHA256 over all of it, base64url' })
  @LinkField()
  signature?: string;
}
