import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import {
  RankedTestDto,
  type RankingRequest,
  TEST_LABELS,
  type TestLabel,
  toRankedTest,
} from '../../../quality/index.js';
import { Href, Numeric, TopOption } from '../fields.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

class WidgetTestDto extends RankedTestDto {
  @Href('The test', '/api/v1/execution-reporting/tests/6650c0ffee6650c0ffee0002')
  href: string | null;
}

export class TestListDataDto {
  @Numeric('Tests in all', 200)
  total: number;

  @ApiProperty({ description: 'As many as asked for', type: [WidgetTestDto] })
  items: readonly WidgetTestDto[];

  @Href('The whole list', '/api/v1/execution-reporting/quality-metrics/tests?sort=flakiness')
  href: string | null;
}

const rank = async (
  { scope, filter, range, links, sources }: WidgetContext,
  request: Pick<RankingRequest, 'sort' | 'limit' | 'labels'>,
): Promise<Plain<TestListDataDto>> => {
  const { assessment, page } = await sources.tests.rank(scope, { filter, range, order: 'desc', ...request });
  return {
    total: page.total,
    items: page.items.map((one) => ({ ...toRankedTest(assessment, one), href: links.test(one.name.testId) })),
    href: links.ranking(request.sort),
  };
};

export class FlakyTestsOptionsDto {
  @TopOption(10)
  top?: number;

  @ApiPropertyOptional({
    description: 'Only tests with one of these labels; confirmed and suspected unless told otherwise',
    enum: TEST_LABELS,
    isArray: true,
    example: ['confirmed', 'suspected'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsIn(TEST_LABELS, { each: true })
  labels?: TestLabel[];
}

export const flakyTests: WidgetType<FlakyTestsOptionsDto, TestListDataDto> = {
  type: 'flaky_tests',
  title: 'Flaky tests',
  description: 'Tests that are flaky, by the lower bound of their flakiness, with the evidence.',
  optionsDto: FlakyTestsOptionsDto,
  dataDto: TestListDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Flaky tests', options: { top: 10 } },
  reach: 'projects',
  ages: true,
  compute: (context, { top = 10, labels = ['confirmed', 'suspected'] }) =>
    rank(context, { sort: 'flakiness', limit: top, labels }),
};

export class SlowestTestsOptionsDto {
  @TopOption(10)
  top?: number;
}

export const slowestTests: WidgetType<SlowestTestsOptionsDto, TestListDataDto> = {
  type: 'slowest_tests',
  title: 'Slowest tests',
  description: 'Tests by the median duration of their passing outcomes.',
  optionsDto: SlowestTestsOptionsDto,
  dataDto: TestListDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Slowest tests', options: { top: 10 } },
  reach: 'projects',
  ages: true,
  compute: (context, { top = 10 }) => rank(context, { sort: 'duration', limit: top }),
};

export class FailingTestsOptionsDto {
  @TopOption(10)
  top?: number;
}

export const failingTests: WidgetType<FailingTestsOptionsDto, TestListDataDto> = {
  type: 'failing_tests',
  title: 'Most failing tests',
  description: 'Tests by the number of their failures.',
  optionsDto: FailingTestsOptionsDto,
  dataDto: TestListDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Most failing tests', options: { top: 10 } },
  reach: 'projects',
  ages: true,
  compute: (context, { top = 10 }) => rank(context, { sort: 'failures', limit: top }),
};
