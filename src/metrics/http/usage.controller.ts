import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { RunsRepository } from '../../executions/index.js';
import { usageOf } from '../domain/usage.js';
import { TimeRangeDto, toRange } from './time-range.dto.js';
import { toUsage, UsageDto } from './usage.dto.js';

@ApiTags('Usage')
@Controller('usage')
@Permit('usage:read')
@Cost('query')
export class UsageController {
  constructor(
    private readonly runs: RunsRepository,
    private readonly clock: Clock,
  ) {}

  @Get()
  @TargetMs(200)
  @ApiOperation({
    summary: 'How much was sent',
    description:
      'Runs and results by project and by day, over the projects that the caller may see. A bare call: the last 30 days.',
  })
  @ApiOkResponse({ type: UsageDto, description: 'The figures' })
  @ApiProblems(403, 422)
  async usage(@Caller() { scope }: Principal, @Query() query: TimeRangeDto): Promise<Plain<UsageDto>> {
    const range = toRange(query, this.clock.now());
    return toUsage(range, usageOf(await this.runs.usage(scope, range)));
  }
}
