import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional } from 'class-validator';
import type { CalendarInterval } from '../../../metrics/index.js';
import { Href, PeriodOption } from '../fields.js';
import { SeriesPointDto, toMetricView, toSeriesPoint, WidgetMetricDto } from '../parts.dto.js';
import type { WidgetType } from '../widget-type.js';

const COUNTS = ['tests_known', 'tests_executed', 'tests_new', 'tests_vanished', 'tests_never_run'] as const;
type Count = (typeof COUNTS)[number];
const DEFAULT: readonly Count[] = ['tests_known', 'tests_new', 'tests_vanished'];

export class TestGrowthOptionsDto {
  @PeriodOption('week')
  period?: CalendarInterval;

  @ApiPropertyOptional({
    description: 'Which counts of tests',
    isArray: true,
    enum: COUNTS,
    default: [...DEFAULT],
    example: [...DEFAULT],
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(COUNTS.length)
  @ArrayUnique()
  @IsIn(COUNTS, { each: true })
  metrics?: Count[];
}

class GrowthSeriesDto {
  @ApiProperty({ description: 'The count', type: WidgetMetricDto })
  metric: WidgetMetricDto;

  @ApiProperty({ description: 'One per period', type: [SeriesPointDto] })
  points: readonly SeriesPointDto[];
}

export class TestGrowthDataDto {
  @ApiProperty({ description: 'Step', example: 'week' })
  period: string;

  @ApiProperty({ description: 'One per count', type: [GrowthSeriesDto] })
  series: readonly GrowthSeriesDto[];

  @Href('The same series')
  href: string | null;
}

export const testGrowth: WidgetType<TestGrowthOptionsDto, TestGrowthDataDto> = {
  type: 'test_growth',
  title: 'Test growth',
  description: 'How many tests are known, appeared and vanished.',
  optionsDto: TestGrowthOptionsDto,
  dataDto: TestGrowthDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Growth of the suite', options: { period: 'week' } },
  reach: 'projects',
  ages: true,
  async compute({ scope, filter, range, links, sources }, { period = 'week', metrics = [...DEFAULT] }) {
    const facts = metrics.map((id) => sources.figures.factsOf(id)!);
    const read = await sources.series.read(scope, { filter, range, period }, facts);
    const series = read.map(({ metric, points }) => ({
      metric: toMetricView(metric),
      points: points.map(toSeriesPoint),
    }));
    return { period, series, href: links.trends(metrics, period) };
  },
};
