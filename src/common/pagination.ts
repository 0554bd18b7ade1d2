import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DomainError } from './errors.js';

/** Query of every list: `{ items, nextCursor, total? }` comes back. */
export class PageQueryDto {
  @ApiPropertyOptional({ description: 'Rows per page', minimum: 1, maximum: 200, default: 50, example: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before', maxLength: 2000 })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}

/** Cursors are opaque to clients: base64url of a JSON array of sort keys. */
export const encodeCursor = (keys: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(keys)).toString('base64url');

/** Throws `invalid_cursor` unless the cursor is one of ours with `length` keys. */
export const decodeCursor = (cursor: string, length: number): unknown[] => {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(keys) && keys.length === length) return keys;
  } catch {
    // falls through to the one error below
  }
  throw new DomainError('invalid', 'invalid_cursor', 'The cursor is not one that this list gave out', {
    errors: [{ pointer: '/cursor', detail: 'must be the nextCursor of the page before' }],
  });
};
