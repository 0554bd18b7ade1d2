import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsMongoId, IsOptional } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import { RUN_STATUSES, type RunRecord, type RunStatus } from '../../../executions/index.js';
import { RateDto, toRate } from '../../../metrics/index.js';
import { progressOf } from '../../domain/run-progress.js';
import { Href, Instant, InstantOrNull, NumberOrNull, Numeric, Text, TextOrNull, TopOption } from '../fields.js';
import type { WidgetLinks } from '../links.js';
import { dataOfRuns, namedRun, newestRuns, runBefore } from '../newest-runs.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

class RunCountsViewDto {
  @Numeric('Outcomes', 412)
  executions: number;

  @Numeric('Passed', 400)
  passed: number;

  @Numeric('An assertion failed', 5)
  failed: number;

  @Numeric('Anything else threw', 1)
  broken: number;

  @Numeric('Took too long', 0)
  timeout: number;

  @Numeric('Skipped', 6)
  skipped: number;

  @Numeric('Cancelled', 0)
  cancelled: number;

  @Numeric('Passed after a failed attempt', 3)
  flaky: number;
}

export class WidgetRunDto {
  @Text('Run', '6650c0ffee6650c0ffee0001')
  runId: string;

  @Text('Key of its project', 'demo')
  project: string;

  @TextOrNull('Its name', 'Nightly')
  name: string | null;

  @ApiProperty({ description: 'Where it stands', enum: RUN_STATUSES, example: 'finished' })
  status: RunStatus;

  @TextOrNull('Branch', 'main')
  branch: string | null;

  @TextOrNull('Commit', '9fceb02')
  commit: string | null;

  @TextOrNull('Environment', 'staging')
  environment: string | null;

  @TextOrNull('Who or what started it; null behind a share link', 'ann')
  triggeredBy: string | null;

  @Instant('Its start')
  startedAt: string;

  @InstantOrNull('Its end; null while it runs')
  finishedAt: string | null;

  @NumberOrNull('From start to finish, ms; null while it runs', 640_000)
  durationMs: number | null;

  @ApiProperty({ description: 'Its outcomes', type: RunCountsViewDto })
  counts: RunCountsViewDto;

  @ApiProperty({ description: 'passed / judged', type: RateDto })
  passRate: RateDto;

  @Href('The run')
  href: string | null;
}

export const toRunView = (run: RunRecord, links: WidgetLinks): Plain<WidgetRunDto> => {
  const { executions, passed, failed, broken, timeout, skipped, cancelled, flaky } = run.totals;
  const counts = { executions, passed, failed, broken, timeout, skipped, cancelled, flaky };
  const judged = passed + failed + broken + timeout;
  return {
    runId: run.runId,
    project: run.projectKey,
    name: run.name ?? null,
    status: run.status,
    branch: run.branch ?? null,
    commit: run.commit ?? null,
    environment: run.environment ?? null,
    triggeredBy: run.triggeredBy ?? null,
    startedAt: run.startedAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
    durationMs: run.finishedAt ? run.finishedAt.getTime() - run.startedAt.getTime() : null,
    counts,
    passRate: toRate(passed, judged),
    href: links.run(run.runId),
  };
};

export class RecentExecutionsOptionsDto {
  @TopOption(10, 50)
  top?: number;

  @ApiPropertyOptional({
    description: 'Only runs that stand so',
    enum: RUN_STATUSES,
    isArray: true,
    example: ['finished'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(RUN_STATUSES.length)
  @IsIn(RUN_STATUSES, { each: true })
  statuses?: RunStatus[];
}

export class RecentExecutionsDataDto {
  @ApiProperty({ description: 'Newest first', type: [WidgetRunDto] })
  items: readonly WidgetRunDto[];
}

const ABOUT_RUNS =
  'Of the filter it looks at what a run has: project, team, branch, environment, user and kind; not at suites, tests, types, tags, owners and statuses. Where the filters contradict each other there is no run.';

export const recentExecutions: WidgetType<RecentExecutionsOptionsDto, RecentExecutionsDataDto> = {
  type: 'recent_executions',
  title: 'Recent runs',
  description: `The newest runs with their outcomes. ${ABOUT_RUNS}`,
  optionsDto: RecentExecutionsOptionsDto,
  dataDto: RecentExecutionsDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Recent runs', options: { top: 10 } },
  reach: 'runs',
  async compute(context, { top = 10, statuses }) {
    const runs = await newestRuns(context, { limit: top, ...(statuses && { statuses }) });
    return dataOfRuns(runs, { items: runs.map((run) => toRunView(run, context.links)) });
  },
};

export class LiveRunOptionsDto {
  @ApiPropertyOptional({
    description: 'This run; without it the newest running one that the filter admits, else the newest',
    example: '6650c0ffee6650c0ffee0001',
  })
  @IsOptional()
  @IsMongoId()
  runId?: string;
}

class RunProgressDto {
  @Numeric('Tests with an outcome', 120)
  done: number;

  @NumberOrNull('Tests of the finished run before it on the branch; null where there is none', 412)
  expected: number | null;

  @NumberOrNull('done / expected, at most 1; 1 for a run that is over', 0.29)
  share: number | null;

  @NumberOrNull('Outcomes per minute since its start', 60)
  perMinute: number | null;

  @InstantOrNull('When it may be over at this pace; null where that is not known')
  estimatedFinishAt: string | null;
}

export class LiveRunDataDto {
  @ApiProperty({ description: 'The run; null where there is none', type: WidgetRunDto, nullable: true })
  run: WidgetRunDto | null;

  @ApiProperty({ description: 'How far it is', type: RunProgressDto, nullable: true })
  progress: RunProgressDto | null;

  @ApiProperty({
    description: 'Room of the sockets that ticks result by result; null where there is no run, and behind a share link',
    type: String,
    nullable: true,
    example: 'run:6650c0ffee6650c0ffee0001',
  })
  room: string | null;
}

export const liveRun: WidgetType<LiveRunOptionsDto, LiveRunDataDto> = {
  type: 'live_run',
  title: 'Live run',
  description: `How far a run is, and what it has found. ${ABOUT_RUNS}`,
  optionsDto: LiveRunOptionsDto,
  dataDto: LiveRunDataDto,
  size: { w: 4, h: 3 },
  example: { title: 'The newest run', options: {} },
  reach: 'runs',
  compute: (context, { runId }) => liveRunOf(context, runId),
};

const liveRunOf = async (context: WidgetContext, runId: string | undefined): Promise<Plain<LiveRunDataDto>> => {
  const { links } = context;
  const running = runId === undefined ? await newestRuns(context, { limit: 1, statuses: ['running'] }) : [];
  const [run] = runId
    ? [await namedRun(context, runId)]
    : running.length > 0
      ? running
      : await newestRuns(context, { limit: 1 });
  if (!run) return { run: null, progress: null, room: null };
  const before = await runBefore(context, run);
  return dataOfRuns(before ? [run, before] : [run], {
    run: toRunView(run, links),
    progress: progressOf(run, before?.totals.executions),
    room: `run:${run.runId}`,
  });
};
