import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { toFilter, toRate } from '../../metrics/index.js';
import type { OutageDecision } from '../definitions/definition.js';
import { type OutageEntry, OutagesService } from '../definitions/outages.service.js';
import { RUN_ID } from './fields.js';
import { ninetyDays } from './ninety-days.js';
import { DecideOutageDto, OutageDecisionDto, OutagePageDto, PagedFilterQueryDto } from './outages.dto.js';

@ApiTags('Outages')
@Controller()
export class OutagesController {
  constructor(
    private readonly outages: OutagesService,
    private readonly clock: Clock,
  ) {}

  @Get('outages')
  @Permit('quality:read')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Runs that are outages',
    description:
      'A run in which more than 80 % of at least 20 outcomes fail, on a branch whose median failure rate over the 20 runs before is below 40 %, is left out of flakiness. ' +
      'Runs left out by hand are here too, and those put back. 90 days unless told otherwise.',
  })
  @ApiOkResponse({ type: OutagePageDto, description: 'A page of runs' })
  @ApiProblems(403, 404, 422, 503)
  async list(@Caller() { scope }: Principal, @Query() query: PagedFilterQueryDto): Promise<Plain<OutagePageDto>> {
    const range = ninetyDays(query, this.clock.now());
    const { limit = 50, cursor } = query;
    const { asOf, page } = await this.outages.list(scope, toFilter(query), range, limit, cursor);
    return { asOf, range, items: page.items.map(toEntry), nextCursor: page.nextCursor, total: page.total };
  }

  @Post('runs/:runId/outage')
  @HttpCode(200)
  @Permit('outages:write')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Leave a run out of flakiness, or put it back',
    description:
      'It overrules what the rule says of the run. Everything is computed again. It is audited, and reversible.',
  })
  @ApiParam({ name: 'runId', description: 'Id of the run', example: RUN_ID })
  @ApiOkResponse({ type: OutageDecisionDto, description: 'The decision' })
  @ApiProblems(400, 403, 404, 422)
  async decide(
    @Caller() principal: Principal,
    @Param('runId') runId: string,
    @Body() { excluded, reason }: DecideOutageDto,
  ): Promise<Plain<OutageDecisionDto>> {
    return toDecision(await this.outages.decide(principal, runId, excluded, reason));
  }
}

const orNull = (text: string): string | null => (text === '' ? null : text);

const toDecision = ({ runId, projectKey, excluded, reason, by, at }: OutageDecision): Plain<OutageDecisionDto> => ({
  runId,
  project: projectKey,
  ...{ excluded, reason, by, at },
});

const toEntry = ({ run, found, decision, excluded }: OutageEntry): Plain<OutagePageDto>['items'][number] => ({
  runId: run.runId,
  project: run.projectKey,
  branch: orNull(run.branch),
  commit: orNull(run.commit),
  startedAt: new Date(run.startedAt),
  failureRate: toRate(run.failed, run.judged),
  detected: found !== undefined,
  medianBefore: found?.medianBefore ?? null,
  runsBefore: found?.runsBefore ?? 0,
  excluded,
  decision: decision ? toDecision(decision) : null,
});
