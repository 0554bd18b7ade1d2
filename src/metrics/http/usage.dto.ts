import { ApiProperty } from '@nestjs/swagger';
import type { Plain } from '../../common/index.js';
import type { TimeRange } from '../domain/query.js';
import type { Usage } from '../domain/usage.js';

class UsageFiguresDto {
  @ApiProperty({ description: 'Runs that started then, deleted ones left out', example: 1500 })
  runs: number;

  @ApiProperty({ description: 'Results (attempts) of these runs', example: 264574 })
  results: number;
}

class UsageOfProjectDto extends UsageFiguresDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;
}

class UsageOfDayDto extends UsageFiguresDto {
  @ApiProperty({ description: 'Start of the day', format: 'date-time', example: '2026-11-23T00:00:00.000Z' })
  day: string;
}

class UsageRangeDto {
  @ApiProperty({ description: 'From, included', format: 'date-time', example: '2026-10-26T00:00:00.000Z' })
  from: string;

  @ApiProperty({ description: 'To, excluded', format: 'date-time', example: '2026-11-25T00:00:00.000Z' })
  to: string;

  @ApiProperty({ description: 'IANA time zone in which days begin', example: 'UTC' })
  timeZone: string;
}

export class UsageDto {
  @ApiProperty({ description: 'The range', type: UsageRangeDto })
  range: UsageRangeDto;

  @ApiProperty({ description: 'Everything together', type: UsageFiguresDto })
  totals: UsageFiguresDto;

  @ApiProperty({ description: 'By project, most results first', type: [UsageOfProjectDto] })
  projects: readonly UsageOfProjectDto[];

  @ApiProperty({ description: 'By day; days without a run are left out', type: [UsageOfDayDto] })
  days: readonly UsageOfDayDto[];
}

export const toUsage = ({ from, to, timeZone }: TimeRange, { totals, projects, days }: Usage): Plain<UsageDto> => ({
  range: { from: from.toISOString(), to: to.toISOString(), timeZone },
  totals,
  projects,
  days: days.map(({ day, ...figures }) => ({ day: day.toISOString(), ...figures })),
});
