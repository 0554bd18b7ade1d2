import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/index.js';
import { TargetMs } from '../common/index.js';
import { HealthDto, LiveDto, ReadyDto } from './health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('Health')
@Controller('health')
@Public()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @TargetMs(5)
  @ApiOperation({ summary: 'Is the service up', description: 'Public. Asks nothing but the process itself.' })
  @ApiOkResponse({ type: HealthDto, description: 'It is' })
  status(): HealthDto {
    return this.health.status();
  }

  @Get('live')
  @TargetMs(5)
  @ApiOperation({
    summary: 'Liveness',
    description: 'Public. While it does not answer, the process should be restarted.',
  })
  @ApiOkResponse({ type: LiveDto, description: 'It is alive' })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Readiness',
    description:
      'Public. Checks MongoDB, Redis, whether Redis can hold a queue (takes writes, evicts nothing), and the disk. With Redis away (503), ingest and reads still work; live updates and rate limits do not.',
  })
  @ApiOkResponse({ type: ReadyDto, description: 'Everything that it needs is there' })
  @ApiServiceUnavailableResponse({ type: ReadyDto, description: 'One of them is away: see its `detail`' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadyDto> {
    const ready = await this.health.ready();
    void reply.status(ready.status === 'ok' ? 200 : 503);
    return ready;
  }
}
