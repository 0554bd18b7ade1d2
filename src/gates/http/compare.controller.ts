import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, TargetMs } from '../../common/index.js';
import { type CompareAnswer, CompareService, type CompareSide } from '../compare.service.js';
import { CompareDto, CompareQueryDto } from './compare.dto.js';

@ApiTags('Runs')
@Controller('runs/compare')
@Permit('runs:read')
@Cost('query')
export class CompareController {
  constructor(private readonly comparisons: CompareService) {}

  @Get()
  @TargetMs(300)
  @ApiOperation({
    summary: 'Compare two runs, or two builds',
    description:
      'Newly failing, still failing, fixed, added and removed tests (each test in one of these lists at most), and besides those that are flaky or ' +
      'significantly slower. Outcomes are compared: the last attempt of a test; of a build, a failed outcome before any other.',
  })
  @ApiOkResponse({ type: CompareDto, description: 'What has changed' })
  @ApiProblems(403, 404, 422)
  compare(@Caller() { scope }: Principal, @Query() query: CompareQueryDto): Promise<CompareAnswer> {
    const { project, category, cursor } = query;
    return this.comparisons.compare(scope, {
      base: side(query.base, query.baseBuild),
      head: side(query.head, query.headBuild),
      limit: query.limit ?? 50,
      ...(project !== undefined && { project }),
      ...(category !== undefined && { category }),
      ...(cursor !== undefined && { cursor }),
    });
  }
}

const side = (run: string | undefined, build: string | undefined): CompareSide => ({
  ...(run !== undefined && { run }),
  ...(build !== undefined && { build }),
});
