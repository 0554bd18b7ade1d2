import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsISO8601, IsOptional } from 'class-validator';
import { IsSlug, IsText, type Plain } from '../../common/index.js';
import { type Permission, PERMISSIONS } from '../permissions.js';
import { type ApiKey, type ApiKeyStatus, statusOf } from './api-key.js';

export class CreateApiKeyDto {
  @ApiProperty({ description: 'What the key is for', maxLength: 200, example: 'Jenkins, nightly' })
  @IsText(200)
  name: string;

  @ApiProperty({
    description: 'What the key may do: permissions that you hold yourself, without keys:manage',
    enum: PERMISSIONS,
    enumName: 'Permission',
    isArray: true,
    example: ['results:write', 'runs:read', 'gates:evaluate'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @IsIn(PERMISSIONS, { each: true })
  permissions: Permission[];

  @ApiPropertyOptional({
    description: 'Project keys it is confined to; left out: all that you may see',
    example: ['demo'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsSlug({ each: true })
  projects?: string[];

  @ApiPropertyOptional({
    description: 'When it stops working; left out: a year from now, at most five years ahead',
    format: 'date-time',
    example: '2027-06-30T00:00:00Z',
  })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  expiresAt?: string;
}

export class ApiKeyDto {
  @ApiProperty({ description: 'Id of the key; no secret', example: '9f86d081884c7d65' })
  keyId: string;

  @ApiProperty({ description: 'What the key is for', example: 'Jenkins, nightly' })
  name: string;

  @ApiProperty({
    description: 'What it may do',
    enum: PERMISSIONS,
    enumName: 'Permission',
    isArray: true,
    example: ['results:write'],
  })
  permissions: readonly Permission[];

  @ApiProperty({
    description: 'Project keys it is confined to; null for all of the organization',
    type: [String],
    nullable: true,
    example: ['demo'],
  })
  projects: readonly string[] | null;

  @ApiProperty({ description: 'Whether it works', enum: ['active', 'expired', 'revoked'], example: 'active' })
  status: ApiKeyStatus;

  @ApiProperty({ description: 'Who made it', example: 'developer' })
  createdBy: string;

  @ApiProperty({
    description: 'When it was made',
    format: 'date-time',
    type: String,
    example: '2026-06-30T00:00:00.000Z',
  })
  createdAt: Date;

  @ApiProperty({
    description: 'When it stops working',
    format: 'date-time',
    type: String,
    example: '2027-06-30T00:00:00.000Z',
  })
  expiresAt: Date;

  @ApiProperty({
    description: 'When it was revoked',
    format: 'date-time',
    type: String,
    nullable: true,
    example: null,
  })
  revokedAt: Date | null;

  @ApiProperty({
    description: 'When it was last used, to the minute',
    format: 'date-time',
    type: String,
    nullable: true,
    example: '2026-07-01T08:15:00.000Z',
  })
  lastUsedAt: Date | null;
}

export class CreatedApiKeyDto extends ApiKeyDto {
  @ApiProperty({
    description: 'The key itself, shown this once. Send it as `Authorization: Bearer ers_...` or `X-Api-Key`',
    example: 'ers_9f86d081884c7d65_hZ2W1uGk0cG8oYw7VQx3b5l9sTn4rJpE6aDfMiKyBvU',
  })
  key: string;
}

export class ApiKeyPageDto {
  @ApiProperty({ description: 'Newest first', type: [ApiKeyDto] })
  items: ApiKeyDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export const toApiKeyDto = (key: ApiKey, now: Date): Plain<ApiKeyDto> => ({
  keyId: key.keyId,
  name: key.name,
  permissions: key.permissions,
  projects: key.projects === 'all' ? null : key.projects,
  status: statusOf(key, now),
  createdBy: key.createdBy,
  createdAt: key.createdAt,
  expiresAt: key.expiresAt,
  revokedAt: key.revokedAt ?? null,
  lastUsedAt: key.lastUsedAt ?? null,
});
