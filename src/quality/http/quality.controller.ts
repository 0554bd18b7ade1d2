import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { toFilter, toRange } from '../../metrics/index.js';
import { QualityService } from '../quality.service.js';
import { TestsService } from '../tests/tests.service.js';
import { isUnchanged, weakTag } from './conditional.js';
import { ApiConditional } from './fields.js';
import { QualityQueryDto } from './quality-query.dto.js';
import { QualityMetricsDto } from './quality.dto.js';
import { toQualityMetrics } from './quality.mapper.js';
import { RankingPageDto, RankingQueryDto } from './ranking.dto.js';
import { toRankingPage } from './ranking.mapper.js';

@ApiTags('Quality')
@Controller('quality-metrics')
@Permit('quality:read')
export class QualityController {
  constructor(
    private readonly quality: QualityService,
    private readonly tests: TestsService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Cost('query')
  @TargetMs(600)
  @ApiOperation({
    summary: 'Quality of an organization, team, project, suite or test',
    description:
      'Score with its parts, reliability, flakiness, stability, time to recovery, labels of tests, risks, recommendations and insights with their ' +
      'evidence, change against the period before, benchmark. A bare call: the last 30 days, all projects that the caller may see. Labels and ' +
      'flakiness rest on the outcomes in the range; `statuses` is not looked at. Runs that are outages are left out of flakiness and recovery, and counted in the pass rate. ' +
      'Projects with more than 20,000,000 attempts in the range are refused together (422 `query_too_broad`), here and wherever tests are judged.',
  })
  @ApiConditional(QualityMetricsDto, 'The figures')
  @ApiProblems(403, 404, 422, 503)
  async metrics(
    @Caller() { scope }: Principal,
    @Query() query: QualityQueryDto,
    @Headers('if-none-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<QualityMetricsDto> | undefined> {
    const filter = toFilter(query);
    const range = toRange(query, this.clock.now());
    const level = query.scope ?? 'organization';
    const version = await this.quality.versionOf(scope, filter, range);
    if (isUnchanged(reply, weakTag('quality', level, version), match)) return undefined;
    return toQualityMetrics(await this.quality.metricsOf(scope, level, filter, range));
  }

  @Get('tests')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Tests by their quality',
    description:
      'Ranked and filtered. Flakiness is ranked by its lower 95 % bound, so that a test with few runs does not come first by chance. What has no value comes last. 422 `query_too_broad` as for `/quality-metrics`.',
  })
  @ApiConditional(RankingPageDto, 'A page of tests')
  @ApiProblems(403, 404, 422, 503)
  async rank(
    @Caller() { scope }: Principal,
    @Query() query: RankingQueryDto,
    @Headers('if-none-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<RankingPageDto> | undefined> {
    const filter = toFilter(query);
    const range = toRange(query, this.clock.now());
    const { sort = 'flakiness', order = 'desc', label, search, limit = 50, cursor } = query;
    const version = await this.quality.versionOf(scope, filter, range);
    const tag = weakTag('ranking', sort, order, label, search, limit, cursor, version);
    if (isUnchanged(reply, tag, match)) return undefined;
    const request = { filter, range, sort, order, limit, search, cursor, labels: label };
    return toRankingPage(await this.tests.rank(scope, request));
  }
}
