import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { LIMITS } from '../domain/limits.js';
import { RunsService } from '../runs.service.js';
import { StreamIntake } from '../stream-intake.js';
import { FinishRunDto } from './dto/finish-run.dto.js';
import { BatchAnswerDto, OnInvalidQueryDto, RunAnswerDto, toBatchAnswer, toRunAnswer } from './dto/intake.dto.js';
import { AddResultsDto } from './dto/add-results.dto.js';
import { parseFinish, parseRunMetadata, requireRows, splitBody } from './dto/parse-body.js';
import { ResultRowDto } from './dto/result-row.dto.js';
import { RunDto, RunPageDto, toRunDto } from './dto/run-view.dto.js';
import { CreateRunDto } from './dto/run.dto.js';
import { RunsQueryDto } from './dto/runs-query.dto.js';
import { bodyStream, isNdjson } from './request-body.js';
import { runKeySource } from './run-key-source.js';

const RUN_ID = { name: 'runId', description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' };

const NDJSON_EXAMPLE = [
  '{"suite":"shop/cart","name":"adds an item","status":"passed","durationMs":125.4}',
  '{"suite":"shop/cart","name":"removes an item","status":"failed","error":{"message":"expected 0, got 1"}}',
].join('\n');
/** Two media types with a schema each, which @ApiBody cannot say. */
const RESULTS_BODY = {
  required: true,
  content: {
    'application/json': { schema: { $ref: getSchemaPath(AddResultsDto) } },
    'application/x-ndjson': {
      schema: { type: 'string', description: 'One result a line, each as a member of `results`' },
      example: NDJSON_EXAMPLE,
    },
  },
};

@ApiTags('Runs')
@Controller('runs')
export class RunsController {
  constructor(
    private readonly runs: RunsService,
    private readonly streams: StreamIntake,
  ) {}

  @Post()
  @Permit('results:write')
  @Cost('ingest')
  @TargetMs(200)
  @ApiOperation({
    summary: 'Start a run, or send it whole',
    description:
      'With `results` the run is stored whole and finished. Without them, and without `finishedAt`, it is running: batches ' +
      'and a finish follow. A run is the same run when it has the same externalId in its project, else the same ' +
      'Idempotency-Key, else the same body: shards that share an externalId join one run, and what the first said of it ' +
      'stays. A result is the same when run, test and attempt are; without `attempt` it is its place among the rows of its ' +
      'test in this request, so a test that comes in two requests of one run without numbers is attempt 1 in both: a ' +
      'duplicate when the content is the same, else rejected as `conflict`. After the answer, the next report contains it.',
  })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'Names the run where there is no externalId' })
  @ApiBody({ type: CreateRunDto })
  @ApiCreatedResponse({ type: RunAnswerDto, description: 'The run is new, or has new results' })
  @ApiOkResponse({ type: RunAnswerDto, description: 'It was all known already' })
  @ApiProblems(400, 403, 404, 409, 413, 415, 422, 503)
  async create(
    @Caller() principal: Principal,
    @Query() { onInvalid = 'fail' }: OnInvalidQueryDto,
    @Body() body: unknown,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<RunAnswerDto>> {
    const { metadata: fields, rows } = splitBody(body);
    const metadata = await parseRunMetadata(fields);
    const key = runKeySource(metadata.externalId, idempotencyKey, body);
    const outcome = await this.runs.create(principal, { metadata, rows, onInvalid, key });
    void reply.status(outcome.created || outcome.accepted > 0 ? 201 : 200);
    return toRunAnswer(outcome);
  }

  @Post(':runId/results')
  @HttpCode(200)
  @Permit('results:write')
  @Cost('ingest')
  @TargetMs(200)
  @ApiOperation({
    summary: 'Add results to a run',
    description:
      'A JSON document is taken whole or not at all (422) unless `onInvalid=skip`. NDJSON, one result a line, may be of any ' +
      `length (a line: ${LIMITS.resultBytes} bytes), also with Content-Encoding gzip: it is stored in chunks, bad lines are reported and left ` +
      'out, and sending it again is safe. Results that come after the finish are taken. A run holds 1,000,000 results.',
    requestBody: RESULTS_BODY,
  })
  @ApiParam(RUN_ID)
  @ApiExtraModels(AddResultsDto, ResultRowDto)
  @ApiOkResponse({ type: BatchAnswerDto, description: 'What became of the rows' })
  @ApiProblems(400, 403, 404, 409, 413, 415, 422, 503)
  async addResults(
    @Caller() { scope }: Principal,
    @Param('runId') runId: string,
    @Query() { onInvalid = 'fail' }: OnInvalidQueryDto,
    @Req() request: FastifyRequest,
  ): Promise<Plain<BatchAnswerDto>> {
    if (isNdjson(request)) return toBatchAnswer(await this.streams.take(scope, runId, bodyStream(request)));
    return toBatchAnswer(await this.runs.addResults(scope, runId, requireRows(request.body), onInvalid));
  }

  @Post(':runId/finish')
  @HttpCode(200)
  @Permit('results:write')
  @Cost('ingest')
  @TargetMs(100)
  @ApiOperation({
    summary: 'End a live run',
    description: 'What was said before stays. Results that come later are still taken. Sent again, it changes nothing.',
  })
  @ApiParam(RUN_ID)
  @ApiBody({
    type: FinishRunDto,
    required: false,
    examples: {
      now: { summary: 'It has ended now, with figures of its own', value: { metrics: { 'coverage.lines': 81.4 } } },
      aborted: { summary: 'It was cut off', value: { status: 'aborted' } },
    },
  })
  @ApiOkResponse({ type: RunDto, description: 'The run' })
  @ApiProblems(400, 403, 404, 409, 422, 503)
  async finish(
    @Caller() { scope }: Principal,
    @Param('runId') runId: string,
    @Body() body: unknown,
  ): Promise<Plain<RunDto>> {
    return toRunDto(await this.runs.finish(scope, runId, await parseFinish(body)));
  }

  @Get()
  @Permit('runs:read')
  @Cost('query')
  @TargetMs(100)
  @ApiOperation({ summary: 'List runs', description: 'Newest first; deleted ones are left out.' })
  @ApiOkResponse({ type: RunPageDto, description: 'A page of runs' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: RunsQueryDto): Promise<Plain<RunPageDto>> {
    const {
      project: projects,
      branch: branches,
      status: statuses,
      build,
      commit,
      from,
      to,
      limit = 50,
      cursor,
    } = query;
    const range = {
      from: from === undefined ? undefined : new Date(from),
      to: to === undefined ? undefined : new Date(to),
    };
    const filter = { projects, branches, statuses, build, commit, ...range };
    const page = await this.runs.list(scope, filter, limit, cursor);
    return { items: page.items.map(toRunDto), nextCursor: page.nextCursor };
  }

  @Get(':runId')
  @Permit('runs:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'One run', description: 'With what it adds up to.' })
  @ApiParam(RUN_ID)
  @ApiOkResponse({ type: RunDto, description: 'The run' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('runId') runId: string): Promise<Plain<RunDto>> {
    return toRunDto(await this.runs.get(scope, runId));
  }

  @Delete(':runId')
  @HttpCode(204)
  @Permit('runs:delete')
  @Cost('heavy')
  @TargetMs(1000)
  @ApiOperation({
    summary: 'Delete a run',
    description:
      'Its results are removed and reports forget them; it cannot be undone. Results sent to it later are refused with ' +
      '`run_deleted`; its externalId sent again makes a new run.',
  })
  @ApiParam(RUN_ID)
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404, 503)
  async delete(@Caller() principal: Principal, @Param('runId') runId: string): Promise<void> {
    await this.runs.delete(principal, runId);
  }
}
