import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { toFilter, toRange } from '../../metrics/index.js';
import { ClustersService } from '../clusters.service.js';
import { ClusterPageDto, ClustersQueryDto } from './clusters.dto.js';
import { toCluster } from './clusters.mapper.js';

@ApiTags('Failure clusters')
@Controller('failure-clusters')
@Permit('quality:read')
@Cost('query')
export class ClustersController {
  constructor(
    private readonly clusters: ClustersService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @TargetMs(300)
  @ApiOperation({
    summary: 'Failures by their cause',
    description:
      'Failed outcomes with one fingerprint (type and message of the error without its changing parts, and the first frames of own code) are a cluster. ' +
      'new, known and resolved against the window before. The last 30 days where no range is said.',
  })
  @ApiOkResponse({ type: ClusterPageDto, description: 'A page of clusters' })
  @ApiProblems(403, 404, 422, 503)
  async list(@Caller() { scope }: Principal, @Query() query: ClustersQueryDto): Promise<Plain<ClusterPageDto>> {
    const { limit = 50, cursor, state: states } = query;
    const range = toRange(query, this.clock.now());
    const answer = await this.clusters.list(scope, { filter: toFilter(query), range, states, limit, cursor });
    const { asOf, previousRange, counts, page } = answer;
    const { nextCursor, total } = page;
    return { asOf, range, previousRange, counts, items: page.items.map(toCluster), nextCursor, total };
  }
}
