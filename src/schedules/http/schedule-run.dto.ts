import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { IsText, PageQueryDto, type Plain } from '../../common/index.js';
import { RUN_STATUSES, RUN_TRIGGERS, type RunStatus, type RunTrigger, type ScheduleRun } from '../domain/schedule.js';
import { filePath } from '../file-links.js';
import { InstantOrNull, Instant, NumberOrNull, SCHEDULE_ID, SCHEDULE_RUN_ID, Text, TextOrNull } from './fields.js';

const inList = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.split(',') : value);
const numeric = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
const boolean = ({ value }: { value: unknown }): unknown =>
  value === 'true' ? true : value === 'false' ? false : value;

export class ScheduleRunsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only these', enum: RUN_STATUSES, isArray: true })
  @IsOptional()
  @Transform(inList)
  @IsArray()
  @ArrayMaxSize(RUN_STATUSES.length)
  @IsIn(RUN_STATUSES, { each: true })
  status?: RunStatus[];
}

export class PreviewQueryDto {
  @ApiPropertyOptional({ description: 'How many of the next runs', minimum: 1, maximum: 100, default: 10, example: 5 })
  @IsOptional()
  @Transform(numeric)
  @IsInt()
  @Min(1)
  @Max(100)
  count?: number;

  @ApiPropertyOptional({ description: 'Whether to write the message too', default: true, example: true })
  @IsOptional()
  @Transform(boolean)
  @IsBoolean()
  message?: boolean;
}

/** What makes the path of a file a link without a token. */
export class FileLinkQueryDto {
  @ApiProperty({ description: 'Organization', example: 'demo' })
  @IsText(200)
  org: string;

  @ApiProperty({ description: 'End of the link, in epoch seconds', example: '1782700000' })
  @Matches(/^\d{1,12}$/)
  expires: string;

  @ApiProperty({ description: 'Which key signed it', example: 'kq3ZdyW9' })
  @IsText(40)
  key: string;

  @ApiProperty({ description: 'HMAC-SHA256, base64url', example: 'q0Zb2c1hX9mYFh3m0sG1Yl8m8m2n0rUeR2sVh0eJd5E' })
  @IsText(200)
  signature: string;
}

class ScheduleFigureDto {
  @Text('What it is', 'Pass rate')
  label: string;

  @Text('Its value, in words', '97.4 %')
  value: string;

  @ApiPropertyOptional({ description: 'Against the period before', example: '-1.2 %' })
  change?: string;
}

class LinkDto {
  @Text('What it leads to', 'The report')
  title: string;

  @Text('Where', '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001')
  href: string;
}

class RunFileDto {
  @Text('Name of the file', 'weekly-quality-2026-06-29.csv')
  name: string;

  @Text('Media type', 'text/csv; charset=utf-8')
  contentType: string;

  @ApiProperty({ description: 'Size', example: 18_432 })
  bytes: number;

  @Text(
    'Where it is downloaded, with a token',
    `/api/v1/execution-reporting/schedules/${SCHEDULE_ID}/runs/${SCHEDULE_RUN_ID}/files/0`,
  )
  href: string;
}

class RunErrorDto {
  @Text('Stable code', 'rights_gone')
  code: string;

  @Text('What happened, for a person', 'The API key nightly is revoked')
  detail: string;
}

export class ScheduleRunDto {
  @Text('Id of the run', SCHEDULE_RUN_ID)
  runId: string;

  @Text('Id of the schedule', SCHEDULE_ID)
  scheduleId: string;

  @ApiProperty({
    description: 'planned: on time; catch_up: missed while no worker ran; manual: asked for',
    enum: RUN_TRIGGERS,
    example: 'planned',
  })
  trigger: RunTrigger;

  @Instant('The instant that was planned; relative ranges count from here')
  plannedAt: Date;

  @ApiProperty({ description: 'What became of it', enum: RUN_STATUSES, example: 'succeeded' })
  status: RunStatus;

  @TextOrNull('Who asked for a manual run', null)
  requestedBy: string | null;

  @ApiProperty({ description: 'Tries: more than one where something was away or a process was killed', example: 1 })
  attempts: number;

  @InstantOrNull('When its last try began', '2026-06-29T04:30:01.000Z')
  startedAt: Date | null;

  @InstantOrNull('When it ended', '2026-06-29T04:30:02.000Z')
  finishedAt: Date | null;

  @NumberOrNull('How long the last try took, in ms', 840)
  durationMs: number | null;

  @TextOrNull('What it brought', '1,204 executions, 97.4 % passed')
  summary: string | null;

  @ApiProperty({ description: 'Key figures', type: [ScheduleFigureDto] })
  figures: readonly ScheduleFigureDto[];

  @ApiProperty({ description: 'Where to read on', type: [LinkDto] })
  links: readonly LinkDto[];

  @ApiProperty({ description: 'Files that it made', type: [RunFileDto] })
  files: readonly RunFileDto[];

  @ApiProperty({ description: 'Why it failed; null where it did not', type: RunErrorDto, nullable: true })
  error: RunErrorDto | null;

  @TextOrNull('Why it was skipped', null)
  note: string | null;
}

export class ScheduleRunPageDto {
  @ApiProperty({ description: 'The newest planned first', type: [ScheduleRunDto] })
  items: readonly ScheduleRunDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

export const toRunDto = (run: ScheduleRun): Plain<ScheduleRunDto> => {
  const { runId, scheduleId, trigger, plannedAt, status, attempts, outcome } = run;
  return {
    ...{ runId, scheduleId, trigger, plannedAt, status, attempts },
    requestedBy: run.requestedBy ?? null,
    startedAt: run.startedAt ?? null,
    finishedAt: run.finishedAt ?? null,
    durationMs: run.durationMs ?? null,
    summary: outcome?.summary ?? null,
    figures: outcome?.figures ?? [],
    links: outcome?.links ?? [],
    files: (outcome?.files ?? []).map(({ name, contentType, bytes }, index) => ({
      ...{ name, contentType, bytes },
      href: filePath({ scheduleId, runId, index }),
    })),
    error: run.error ?? null,
    note: run.note ?? null,
  };
};
