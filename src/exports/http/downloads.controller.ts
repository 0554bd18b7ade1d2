import { Controller, Get, Headers, Param, Query, Res, type StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiOperation, ApiParam, ApiSecurity, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { API_KEY_SCHEME, BEARER_SCHEME, Cost, Public } from '../../auth/index.js';
import { answerFile, ApiFileAnswer, ApiProblems, type RequestHeaders, TargetMs } from '../../common/index.js';
import { DownloadsService } from '../downloads.service.js';
import { DownloadQueryDto } from './exports-query.dto.js';

/** Public, since a signed link carries no token; without a signature the caller is asked who it is. */
@ApiTags('Exports')
@Controller('exports')
export class DownloadsController {
  constructor(private readonly downloads: DownloadsService) {}

  @Get(':jobId/download')
  @Public()
  @Cost('query')
  // the ETag and the ranges are those of the bytes as they are stored
  @RouteConfig({ compress: false })
  @TargetMs(100)
  @ApiOperation({
    summary: 'Download the file',
    description:
      'With the signature of a link (`downloadUrl`), or with a token or API key that may read exports. A download that broke off goes on by Range with If-Range.',
  })
  @ApiParam({ name: 'jobId', description: 'Id of the export', example: '6650c0ffee6650c0ffee0001' })
  @ApiSecurity({})
  @ApiSecurity(BEARER_SCHEME)
  @ApiSecurity(API_KEY_SCHEME)
  @ApiFileAnswer()
  @ApiProblems(403, 404, 409)
  async download(
    @Param('jobId') jobId: string,
    @Query() signature: DownloadQueryDto,
    @Headers() headers: RequestHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const file = await this.downloads.open({
      ...{ jobId, signature },
      authorization: headers.authorization,
      apiKey: headers['x-api-key'],
    });
    return answerFile(reply, file, headers);
  }
}
