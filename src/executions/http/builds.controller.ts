import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { BuildsService } from '../builds.service.js';
import { BuildDetailDto, BuildPageDto, toBuildDetailDto, toBuildSummaryDto } from './dto/build-view.dto.js';
import { BuildsQueryDto } from './dto/runs-query.dto.js';

@ApiTags('Builds')
@Controller('builds')
@Permit('runs:read')
@Cost('query')
export class BuildsController {
  constructor(private readonly builds: BuildsService) {}

  @Get()
  @TargetMs(200)
  @ApiOperation({ summary: 'List builds', description: 'The runs of one build id together, by newest run.' })
  @ApiOkResponse({ type: BuildPageDto, description: 'A page of builds' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: BuildsQueryDto): Promise<Plain<BuildPageDto>> {
    const { project: projects, branch: branches, from, to, limit = 50, cursor } = query;
    const range = {
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    };
    const page = await this.builds.list(scope, { projects, branches, ...range }, limit, cursor);
    return { items: page.items.map(toBuildSummaryDto), nextCursor: page.nextCursor };
  }

  @Get(':buildId')
  @TargetMs(100)
  @ApiOperation({
    summary: 'One build',
    description:
      'Its runs: shards, parallel jobs, late arrivals. Where no run names the build, the runs of that commit.',
  })
  @ApiParam({ name: 'buildId', description: 'Id of the build, or a commit', example: 'build-4711' })
  @ApiOkResponse({ type: BuildDetailDto, description: 'The build' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('buildId') buildId: string): Promise<Plain<BuildDetailDto>> {
    return toBuildDetailDto(await this.builds.get(scope, buildId));
  }
}
