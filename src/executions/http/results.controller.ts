import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { RunsService } from '../runs.service.js';
import { ResultDetailDto, ResultPageDto, toResultDetailDto, toResultDto } from './dto/result-view.dto.js';
import { ResultsQueryDto } from './dto/runs-query.dto.js';

@ApiTags('Results')
@Controller()
@Permit('results:read')
export class ResultsController {
  constructor(private readonly runs: RunsService) {}

  @Get('runs/:runId/results')
  @Cost('query')
  @TargetMs(100)
  @ApiOperation({
    summary: 'Results of a run',
    description:
      'All attempts: cancelled, skipped, timeout, broken, failed, passed, and within one by test and attempt.',
  })
  @ApiParam({ name: 'runId', description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' })
  @ApiOkResponse({ type: ResultPageDto, description: 'A page of results' })
  @ApiProblems(403, 404, 422)
  async list(
    @Caller() { scope }: Principal,
    @Param('runId') runId: string,
    @Query() { status: statuses, limit = 50, cursor }: ResultsQueryDto,
  ): Promise<Plain<ResultPageDto>> {
    const page = await this.runs.resultsOf(scope, runId, { statuses, limit, cursor });
    return { items: page.items.map(toResultDto), nextCursor: page.nextCursor };
  }

  @Get('results/:resultId')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'One result', description: 'With its steps and its error.' })
  @ApiParam({ name: 'resultId', description: 'Id of the result', example: '69a4060c9b74c9897bac770ff029102a' })
  @ApiOkResponse({ type: ResultDetailDto, description: 'The result' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('resultId') resultId: string): Promise<Plain<ResultDetailDto>> {
    return toResultDetailDto(await this.runs.result(scope, resultId));
  }
}
