import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { toFilter } from '../../metrics/index.js';
import { AliasesService } from '../definitions/aliases.service.js';
import { TestsService } from '../tests/tests.service.js';
import { isUnchanged, weakTag } from './conditional.js';
import { ApiConditional, TEST_ID } from './fields.js';
import { ninetyDays } from './ninety-days.js';
import {
  AliasDto,
  CreateAliasDto,
  SuggestionsDto,
  SuggestionsQueryDto,
  TestDetailDto,
  TestPageDto,
  TestsQueryDto,
  TestWindowQueryDto,
  UndoAliasQueryDto,
} from './tests.dto.js';
import { toAlias, toIdentity, toSuggestion, toTestDetail, toTestHistory } from './tests.mapper.js';
import { HistoryQueryDto, TestHistoryDto } from './timeline.dto.js';

const TEST_PARAM = { name: 'testId', description: 'Id of the test', example: TEST_ID };

@ApiTags('Tests')
@Controller('tests')
export class TestsController {
  constructor(
    private readonly tests: TestsService,
    private readonly aliases: AliasesService,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Permit('quality:read')
  @Cost('cheap')
  @TargetMs(100)
  @ApiOperation({ summary: 'Find tests', description: 'By a part of their name or suite; by suite and name.' })
  @ApiOkResponse({ type: TestPageDto, description: 'A page of tests' })
  @ApiProblems(403, 404, 422)
  async search(@Caller() { scope }: Principal, @Query() query: TestsQueryDto): Promise<Plain<TestPageDto>> {
    const { search: text, limit = 50, ...rest } = query;
    const { items, nextCursor } = await this.tests.search(scope, { ...rest, text, limit });
    return { items: items.map(toIdentity), nextCursor };
  }

  @Get('rename-suggestions')
  @Permit('quality:read')
  @Cost('query')
  @TargetMs(500)
  @ApiOperation({
    summary: 'Tests that look renamed',
    description:
      'Pairs of one suite of which one vanished as the other appeared, over the last 90 days unless told otherwise. Of thousands of such tests, those nearest by name and the newest are compared. Join them with POST /tests/{testId}/alias.',
  })
  @ApiOkResponse({ type: SuggestionsDto, description: 'Suggestions, likeliest first' })
  @ApiProblems(403, 404, 422, 503)
  async suggestions(
    @Caller() { scope }: Principal,
    @Query() query: SuggestionsQueryDto,
  ): Promise<Plain<SuggestionsDto>> {
    const range = ninetyDays(query, this.clock.now());
    const { assessment, items } = await this.tests.suggestRenames(scope, toFilter(query), range);
    const runIdOf = (run: number): string => assessment.runs[run]!.runId;
    return { asOf: assessment.asOf, range, items: items.map((item) => toSuggestion(runIdOf, item)) };
  }

  @Get(':testId')
  @Permit('quality:read')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'One test',
    description:
      'Identity, label, figures, newest stretch, P(the next run fails), evidence, over the last 90 days unless told otherwise.',
  })
  @ApiParam(TEST_PARAM)
  @ApiConditional(TestDetailDto, 'The test')
  @ApiProblems(403, 404, 422, 503)
  async get(
    @Caller() { scope }: Principal,
    @Param('testId') testId: string,
    @Query() query: TestWindowQueryDto,
    @Headers('if-none-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<TestDetailDto> | undefined> {
    const range = ninetyDays(query, this.clock.now());
    const version = await this.tests.versionOf(scope, testId, range);
    if (isUnchanged(reply, weakTag('test', testId, version), match)) return undefined;
    return toTestDetail(await this.tests.find(scope, testId, range));
  }

  @Get(':testId/history')
  @Permit('quality:read')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'History of a test',
    description:
      'Outcomes newest first with their attempts, stretches of one failure rate with the interval of their begin as runs and commits, failure episodes, evidence. 90 days unless told otherwise.',
  })
  @ApiParam(TEST_PARAM)
  @ApiConditional(TestHistoryDto, 'The history')
  @ApiProblems(403, 404, 422, 503)
  async history(
    @Caller() { scope }: Principal,
    @Param('testId') testId: string,
    @Query() query: HistoryQueryDto,
    @Headers('if-none-match') match: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<TestHistoryDto> | undefined> {
    const range = ninetyDays(query, this.clock.now());
    const { limit = 50, cursor } = query;
    const version = await this.tests.versionOf(scope, testId, range);
    if (isUnchanged(reply, weakTag('history', testId, limit, cursor, version), match)) return undefined;
    return toTestHistory(await this.tests.find(scope, testId, range), limit, cursor);
  }

  @Post(':testId/alias')
  @Permit('tests:alias')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Join a renamed test to its past',
    description:
      'From now on the outcomes of the past test count as those of this one in quality figures, rankings and histories. Reports by test go on telling them apart. It is audited, and can be undone.',
  })
  @ApiParam(TEST_PARAM)
  @ApiCreatedResponse({ type: AliasDto, description: 'The alias' })
  @ApiProblems(400, 403, 404, 409, 422)
  async join(
    @Caller() principal: Principal,
    @Param('testId') testId: string,
    @Body() { of, reason }: CreateAliasDto,
  ): Promise<Plain<AliasDto>> {
    return toAlias(await this.aliases.join(principal, testId, of, reason));
  }

  @Delete(':testId/alias')
  @HttpCode(204)
  @Permit('tests:alias')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Undo an alias', description: 'The past test stands for itself again.' })
  @ApiParam(TEST_PARAM)
  @ApiNoContentResponse({ description: 'Undone' })
  @ApiProblems(403, 404, 422)
  async undo(
    @Caller() principal: Principal,
    @Param('testId') testId: string,
    @Query() { of }: UndoAliasQueryDto,
  ): Promise<void> {
    await this.aliases.undo(principal, testId, of);
  }
}
