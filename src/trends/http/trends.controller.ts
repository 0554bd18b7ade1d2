import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { TrendsService, type TrendsVersion } from '../trends.service.js';
import { toTrendsRequest, TrendsQueryDto } from './trends-query.dto.js';
import { TrendsDto } from './trends.dto.js';
import { toTrends } from './trends.mapper.js';

@ApiTags('Trends')
@Controller('trends')
@Permit('trends:read')
export class TrendsController {
  constructor(
    private readonly trends: TrendsService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Metrics over time',
    description:
      'Series with n and interval per point, summary statistics, direction (Mann-Kendall with the Hamed-Rao correction), Theil-Sen slope, ' +
      'correlation with time and between metrics, change points with the runs on either side, anomalies with the expected range, ' +
      'seasonality at known cycles, patterns in words, and a forecast with calibrated intervals. A bare call: pass rate by day, the last ' +
      '30 days, all projects that the caller may see. A figure that lacks data says `insufficient_data` and why. ' +
      'Periods that the range cuts or that are not over are `partial`: counts and sums of them are shown and not judged.',
  })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the answer before' })
  @ApiOkResponse({
    type: TrendsDto,
    description: 'The series and what is known of them',
    headers: { ETag: { description: 'Version of the answer, weak', schema: { type: 'string' } } },
  })
  @ApiResponse({ status: 304, description: 'It is the one that If-None-Match names' })
  @ApiProblems(403, 404, 422, 503)
  async get(
    @Caller() { scope }: Principal,
    @Query() query: TrendsQueryDto,
    @Headers('if-none-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<TrendsDto> | undefined> {
    const request = toTrendsRequest(query, this.clock.now());
    const version = await this.trends.versionOf(scope, request);
    const etag = etagOf(version);
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (isMatch(match, etag)) {
      void reply.status(304);
      return undefined;
    }
    const answer = await this.trends.trends(scope, request, version);
    return toTrends(request, answer, this.trends.freshnessOf(answer));
  }
}

/** Weak: the age of the data is in the answer too. */
const etagOf = ({ key }: TrendsVersion): string =>
  `W/"${createHash('sha256').update(key).digest('base64url').slice(0, 27)}"`;

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

const isMatch = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
