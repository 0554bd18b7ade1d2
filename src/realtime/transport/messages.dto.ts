import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsObject, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';

const ROOM = {
  description: 'Kind and id, `<kind>:<id>`',
  example: 'run:6650c0ffee6650c0ffee0001',
  maxLength: 300,
} as const;

export class SubscribeDto {
  @ApiProperty(ROOM)
  @IsString()
  @MaxLength(300)
  @Matches(/^[a-z_]+:./, { message: 'must be <kind>:<id>' })
  room: string;

  @ApiPropertyOptional({ description: 'Of the last delta or snapshot that the client has', example: 'a3c4e0f2' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  epoch?: string;

  @ApiPropertyOptional({ description: 'Number of the last delta that the client has, in that epoch', example: 41 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  lastSeq?: number;

  @ApiPropertyOptional({
    description: 'What the room is to be seen with; each kind of room says what it takes',
    type: 'object',
    additionalProperties: true,
    example: {},
  })
  @IsOptional()
  @IsObject()
  options?: Record<string, unknown>;
}

export class UnsubscribeDto {
  @ApiProperty(ROOM)
  @IsString()
  @MaxLength(300)
  room: string;
}

export class RefreshDto {
  @ApiProperty({ description: 'A token of the same subject and organization', example: 'eyJhbGciOi...' })
  @IsString()
  @MinLength(1)
  @MaxLength(16_384)
  token: string;
}
