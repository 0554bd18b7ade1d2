import { ApiProperty } from '@nestjs/swagger';

export class HealthDto {
  @ApiProperty({ enum: ['ok'], description: 'The process answers', example: 'ok' })
  status: 'ok';

  @ApiProperty({ description: 'Version of the service', example: '1.0.0' })
  version: string;

  @ApiProperty({ description: 'Seconds since this process started', example: 86400 })
  uptimeSeconds: number;
}

export class LiveDto {
  @ApiProperty({ enum: ['ok'], description: 'The process answers', example: 'ok' })
  status: 'ok';
}

export class CheckDto {
  @ApiProperty({ enum: ['mongodb', 'redis', 'queue', 'disk'], description: 'What was checked', example: 'mongodb' })
  name: 'mongodb' | 'redis' | 'queue' | 'disk';

  @ApiProperty({ enum: ['ok', 'down'], description: 'Whether the service can use it', example: 'ok' })
  status: 'ok' | 'down';

  @ApiProperty({ description: 'How long the check took', example: 2 })
  durationMs: number;

  @ApiProperty({
    required: false,
    description: 'What is wrong, when something is',
    example: 'no answer within 1000 ms',
  })
  detail?: string;
}

export class ReadyDto {
  @ApiProperty({ enum: ['ok', 'unavailable'], description: 'ok when every check is', example: 'ok' })
  status: 'ok' | 'unavailable';

  @ApiProperty({ type: [CheckDto], description: 'What the service needs to do its work' })
  checks: CheckDto[];
}
