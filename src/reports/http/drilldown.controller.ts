import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { DrilldownService } from '../drilldown.service.js';
import { DrilldownDto } from './drilldown.dto.js';
import { DrilldownQueryDto } from './queries.dto.js';

@ApiTags('Reports')
@Controller('reports/:reportId/drilldown')
@Permit('reports:read')
@Cost('query')
export class DrilldownController {
  constructor(private readonly drilldown: DrilldownService) {}

  @Get()
  @TargetMs(100)
  @ApiOperation({
    summary: 'Drill down into a report',
    description:
      'organization > team > project > suite > test > result > step; also day > hour, and cluster > result. It reads the state as of the report, whatever has come in since. Each `href` of a cell leads here; on the level `result` there are exactly as many rows as the cell says, less what was removed since: total + removed.deleted + removed.expired = executions. Pages are stable.',
  })
  @ApiParam({ name: 'reportId', description: 'Id of the report', example: '6650c0ffee6650c0ffee0001' })
  @ApiOkResponse({ type: DrilldownDto, description: 'A page of rows' })
  @ApiProblems(403, 404, 422)
  async get(
    @Caller() { scope }: Principal,
    @Param('reportId') reportId: string,
    @Query() { limit = 50, ...query }: DrilldownQueryDto,
  ): Promise<Plain<DrilldownDto>> {
    return this.drilldown.drill(scope, reportId, { ...query, limit });
  }
}
