import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsMongoId, IsOptional } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import type { RunRecord } from '../../../executions/index.js';
import type { CompareAnswer } from '../../../gates/index.js';
import { Href, Numeric, Text, TextOrNull, TopOption } from '../fields.js';
import { dataOfRuns, namedRun, newestRuns, runBefore } from '../newest-runs.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';
import { toRunView, WidgetRunDto } from './runs.js';

export class RunComparisonOptionsDto {
  @ApiPropertyOptional({ description: 'The run that is looked at; the newest finished one without it' })
  @IsOptional()
  @IsMongoId()
  head?: string;

  @ApiPropertyOptional({
    description:
      'The run to compare with; without it the finished one before it on its branch that the filter admits, of another build',
  })
  @IsOptional()
  @IsMongoId()
  base?: string;

  @TopOption(10, 50)
  top?: number;
}

class ComparisonCountsDto {
  @Numeric('Fail now, did not before', 2)
  newlyFailing: number;

  @Numeric('Failed before and fail now', 1)
  stillFailing: number;

  @Numeric('Failed before, pass now', 3)
  fixed: number;

  @Numeric('Were not there before', 4)
  added: number;

  @Numeric('Are not there any more', 0)
  removed: number;

  @Numeric('Passed now only after a failure on the same code', 1)
  flaky: number;

  @Numeric('Significantly slower', 1)
  slower: number;

  @Numeric('None of these', 402)
  unchanged: number;
}

class ChangedTestDto {
  @ApiProperty({
    description: 'What has changed',
    enum: ['newlyFailing', 'stillFailing', 'fixed', 'slower'],
    example: 'fixed',
  })
  change: string;

  @Text('Test', '6650c0ffee6650c0ffee0002')
  testId: string;

  @Text('Its name', 'pays with a voucher')
  name: string;

  @TextOrNull('Its suite', 'checkout/payment')
  suite: string | null;

  @Href('Its result here', '/api/v1/execution-reporting/results/6650c0ffa1b2c3d4e5f60718293a4b5c')
  href: string | null;
}

export class RunComparisonDataDto {
  @ApiProperty({ description: 'Before; null where there is no such run', type: WidgetRunDto, nullable: true })
  base: WidgetRunDto | null;

  @ApiProperty({ description: 'Now; null where there is no run', type: WidgetRunDto, nullable: true })
  head: WidgetRunDto | null;

  @ApiProperty({
    description: 'How many tests of each kind; null without two runs',
    type: ComparisonCountsDto,
    nullable: true,
  })
  counts: ComparisonCountsDto | null;

  @ApiProperty({ description: 'Newly failing ones first', type: [ChangedTestDto] })
  tests: readonly ChangedTestDto[];

  @Href('The whole comparison', '/api/v1/execution-reporting/runs/compare?base=1&head=2')
  href: string | null;
}

const SHOWN = ['newlyFailing', 'stillFailing', 'fixed', 'slower'] as const;

const testsOf = ({ lists }: CompareAnswer, top: number): Plain<ChangedTestDto>[] =>
  SHOWN.flatMap((change) =>
    (lists[change]?.items ?? []).map(({ testId, name, suite, head, base }) => ({
      ...{ change, testId, name },
      suite: suite || null,
      href: (head ?? base)?.href ?? null,
    })),
  ).slice(0, top);

const sidesOf = async (
  context: WidgetContext,
  { head, base }: RunComparisonOptionsDto,
): Promise<{ readonly head?: RunRecord; readonly base?: RunRecord }> => {
  const [now] = head
    ? [await namedRun(context, head)]
    : await newestRuns(context, { limit: 1, statuses: ['finished'] });
  if (!now) return {};
  if (base !== undefined) return { head: now, base: await namedRun(context, base) };
  const before = await runBefore(context, now);
  return { head: now, ...(before && { base: before }) };
};

export const runComparison: WidgetType<RunComparisonOptionsDto, RunComparisonDataDto> = {
  type: 'run_comparison',
  title: 'Run comparison',
  description: 'What has changed between two runs: newly failing, fixed and slower tests.',
  optionsDto: RunComparisonOptionsDto,
  dataDto: RunComparisonDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Against the run before', options: { top: 10 } },
  reach: 'runs',
  async compute(context, options) {
    const { head, base } = await sidesOf(context, options);
    const { scope, links, sources } = context;
    const top = options.top ?? 10;
    const view = (run: RunRecord | undefined): Plain<WidgetRunDto> | null => (run ? toRunView(run, links) : null);
    const shown = [base, head].filter((run) => run !== undefined);
    if (!head || !base)
      return dataOfRuns(shown, { base: view(base), head: view(head), counts: null, tests: [], href: null });
    const question = { base: { run: base.runId }, head: { run: head.runId }, limit: top };
    const answer = await sources.compare.compare(scope, question);
    return dataOfRuns(shown, {
      base: view(base),
      head: view(head),
      counts: answer.counts,
      tests: testsOf(answer, top),
      href: links.compare(base.runId, head.runId),
    });
  },
};
