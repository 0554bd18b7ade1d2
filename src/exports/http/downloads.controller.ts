import type { Readable } from 'node:stream';
import { Controller, Get, Headers, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Cost, Public } from '../../auth/index.js';
import { ApiProblems, contentDisposition, TargetMs } from '../../common/index.js';
import { DownloadsService } from '../downloads.service.js';
import { DownloadQueryDto } from './exports-query.dto.js';

type RequestHeaders = Readonly<Record<string, string | undefined>>;

const BYTES = { '*/*': { schema: { type: 'string', format: 'binary' } } };

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
  @ApiHeader({ name: 'Authorization', required: false, description: 'Bearer token, where the link is not signed' })
  @ApiHeader({ name: 'X-Api-Key', required: false, description: 'API key, where the link is not signed' })
  @ApiHeader({ name: 'Range', required: false, description: '`bytes=first-last`: one range' })
  @ApiHeader({ name: 'If-Range', required: false, description: 'The ETag that the range belongs to' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of what is there already' })
  @ApiResponse({
    status: 200,
    description: 'The whole file',
    content: BYTES,
    headers: {
      ETag: { description: 'Of the bytes, strong', schema: { type: 'string' } },
      'Content-Disposition': { description: 'The name of the file', schema: { type: 'string' } },
    },
  })
  @ApiResponse({ status: 206, description: 'The range', content: BYTES })
  @ApiResponse({ status: 304, description: 'If-None-Match names it' })
  @ApiResponse({ status: 416, description: 'The range lies behind the end: see Content-Range' })
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
    const part = this.downloads.partOf(file, {
      range: headers.range,
      ifRange: headers['if-range'],
      ifNoneMatch: headers['if-none-match'],
    });
    void reply.status(part.status).headers({
      etag: file.etag,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'x-content-type-options': 'nosniff',
    });
    if (part.status === 304) return undefined;
    if (part.status === 416) {
      void reply.header('content-range', `bytes */${file.length}`);
      return undefined;
    }
    const { first, last } = part.range;
    void reply.headers({ 'content-disposition': contentDisposition(file.name), 'content-length': String(part.length) });
    if (part.status === 206) void reply.header('content-range', `bytes ${first}-${last}/${file.length}`);
    return bytesOf(part.length === 0 ? undefined : this.downloads.read(file, part.range), file.contentType);
  }
}

const bytesOf = (stream: Readable | undefined, type: string): StreamableFile =>
  stream ? new StreamableFile(stream, { type }) : new StreamableFile(Buffer.alloc(0), { type });
