import { applyDecorators, Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, TargetMs } from '../../common/index.js';
import { verdictText } from '../domain/verdict-text.js';
import type { VerdictAnswer } from '../verdict-answers.service.js';
import { VerdictsService } from '../verdicts.service.js';
import { RUN_ID } from './fields.js';
import { BuildGateQueryDto, RunGateQueryDto, VERDICT_TEXT_EXAMPLE, VerdictDto } from './verdict.dto.js';

const WHAT =
  'Judged by the gate of the project, else that of the organization, else the built-in one: no new failures. A failure is new when the test did not fail in ' +
  'the last outcomes of the base branch, is neither confirmed nor suspected to be flaky there, and not quarantined. Late results are judged again under a ' +
  'new version. As a text with `Accept: text/plain`; the header X-Gate-Verdict has the verdict in either form.';

const ApiVerdict = (): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(VerdictDto),
    ApiProduces('application/json', 'text/plain'),
    ApiOkResponse({
      description: 'The verdict, with its reasons',
      headers: { 'X-Gate-Verdict': { description: 'pass, fail or insufficient_data', schema: { type: 'string' } } },
      content: {
        'application/json': { schema: { $ref: getSchemaPath(VerdictDto) } },
        'text/plain': { schema: { type: 'string', example: VERDICT_TEXT_EXAMPLE } },
      },
    }),
    ApiProblems(403, 404, 422, 503),
  );

/** "May I merge?", in one call. */
@ApiTags('Quality gates')
@Controller()
@Permit('gates:evaluate')
@Cost('query')
export class VerdictController {
  constructor(private readonly verdicts: VerdictsService) {}

  @Get('runs/:runId/gate')
  @TargetMs(300)
  @ApiOperation({ summary: 'Verdict on a run', description: WHAT })
  @ApiParam({ name: 'runId', description: 'Id of the run', example: RUN_ID })
  @ApiVerdict()
  async ofRun(
    @Caller() { scope }: Principal,
    @Param('runId') runId: string,
    @Query() query: RunGateQueryDto,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VerdictAnswer | string> {
    return present(await this.verdicts.ofRun(scope, runId, questionOf(query)), query, accept, reply);
  }

  @Get('builds/:buildId/gate')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Verdict on a build',
    description: `All runs of a build together; of a job that was run again, the newest outcomes. Missing shards are awaited for \`waitSeconds\`. ${WHAT}`,
  })
  @ApiParam({
    name: 'buildId',
    description: 'Id of the build, or a commit where no run names that build',
    example: 'build-4711',
  })
  @ApiVerdict()
  async ofBuild(
    @Caller() { scope }: Principal,
    @Param('buildId') buildId: string,
    @Query() query: BuildGateQueryDto,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VerdictAnswer | string> {
    const question = { ...questionOf(query), ...(query.project !== undefined && { project: query.project }) };
    return present(await this.verdicts.ofBuild(scope, buildId, question), query, accept, reply);
  }
}

const questionOf = ({ gate, baseBranch, waitSeconds }: RunGateQueryDto) => ({
  ...(gate !== undefined && { gateId: gate }),
  ...(baseBranch !== undefined && { baseBranch }),
  ...(waitSeconds !== undefined && { waitSeconds }),
});

/** text/plain where it is asked for and JSON is not. */
const wantsText = (accept = ''): boolean => /\btext\/plain\b/.test(accept) && !accept.includes('json');

const present = (
  answer: VerdictAnswer,
  { format }: RunGateQueryDto,
  accept: string | undefined,
  reply: FastifyReply,
): VerdictAnswer | string => {
  void reply.header('x-gate-verdict', answer.verdict).header('cache-control', 'no-store').header('vary', 'accept');
  if (format === undefined ? !wantsText(accept) : format === 'json') return answer;
  void reply.type('text/plain; charset=utf-8');
  return verdictText(answer);
};
