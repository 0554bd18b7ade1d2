import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Min } from 'class-validator';
import { RESULT_STATUSES, type ResultStatus } from '../../../executions/index.js';
import { countsOf, DurationsDto, durationsOf, previousRange, RateDto, toCell, toRate } from '../../../metrics/index.js';
import { compareFigures } from '../../domain/compare-figures.js';
import { gaugeState, type GaugeState, GAUGE_STATES } from '../../domain/gauge.js';
import { cellFigure } from '../figures.service.js';
import { BooleanOption, ChoiceOption, Href, isCellMetricId, MetricOption, NumberOption } from '../fields.js';
import {
  ComparisonDto,
  WidgetFigureDto,
  toBucketView,
  toMetricView,
  WidgetCellDto,
  WidgetMetricDto,
} from '../parts.dto.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

export class ExecutionSummaryOptionsDto {
  @BooleanOption('Adds the period of the same length before', true)
  compare?: boolean;

  @ChoiceOption('final: the last attempt of each test and run; all: every attempt', ['final', 'all'], 'final')
  attempts?: 'final' | 'all';
}

export class ExecutionSummaryDataDto {
  @ApiProperty({ description: 'Everything in the range', type: WidgetCellDto })
  totals: WidgetCellDto;

  @ApiProperty({ description: '(failed + broken + timeout) / judged', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({ description: 'Flaky in run / judged', type: RateDto })
  flakyRate: RateDto;

  @ApiPropertyOptional({ description: 'The period before, and what has become of the pass rate', type: ComparisonDto })
  previous?: ComparisonDto;
}

export const executionSummary: WidgetType<ExecutionSummaryOptionsDto, ExecutionSummaryDataDto> = {
  type: 'execution_summary',
  title: 'Execution summary',
  description: 'How many outcomes of each status, pass rate, durations, and the change of the pass rate.',
  optionsDto: ExecutionSummaryOptionsDto,
  dataDto: ExecutionSummaryDataDto,
  size: { w: 6, h: 3 },
  example: { title: 'The last 30 days', options: { compare: true } },
  reach: 'filter',
  async compute({ scope, filter, range, links, sources }, { compare = true, attempts = 'final' }) {
    const { totals } = await sources.metrics.query(scope, { filter, range, attempts });
    const { failures, judged } = countsOf(totals);
    const before = previousRange(range);
    const past = compare ? await sources.metrics.query(scope, { filter, range: before, attempts }) : undefined;
    const then = past && cellFigure('pass_rate', past.totals)!;
    return {
      totals: toCell(totals, links.cell({ attempts })),
      failureRate: toRate(failures, judged),
      flakyRate: toRate(totals.flaky, judged),
      ...(then && {
        previous: {
          range: toBucketView(before),
          figure: then,
          ...compareFigures(cellFigure('pass_rate', totals)!, then, 'up'),
        },
      }),
    };
  },
};

export class StatusBreakdownOptionsDto {
  @ChoiceOption('How the client may draw it', ['donut', 'bar', 'table'], 'donut')
  chart?: 'donut' | 'bar' | 'table';
}

class StatusSliceDto {
  @ApiProperty({ description: 'Status', enum: RESULT_STATUSES, example: 'passed' })
  status: ResultStatus;

  @ApiProperty({ description: 'Its share of all outcomes', type: RateDto })
  share: RateDto;

  @Href('Those results; null where there are none')
  href: string | null;
}

export class StatusBreakdownDataDto {
  @ApiProperty({ description: 'As asked for', enum: ['donut', 'bar', 'table'], example: 'donut' })
  chart: 'donut' | 'bar' | 'table';

  @ApiProperty({ description: 'Outcomes', example: 1040 })
  executions: number;

  @ApiProperty({ description: 'One per status, also those without an outcome', type: [StatusSliceDto] })
  slices: readonly StatusSliceDto[];
}

export const statusBreakdown: WidgetType<StatusBreakdownOptionsDto, StatusBreakdownDataDto> = {
  type: 'status_breakdown',
  title: 'Status breakdown',
  description: 'Outcomes by status, each with its share.',
  optionsDto: StatusBreakdownOptionsDto,
  dataDto: StatusBreakdownDataDto,
  size: { w: 3, h: 3 },
  example: { title: 'How runs end', options: { chart: 'donut' } },
  reach: 'filter',
  async compute({ scope, filter, range, links, sources }, { chart = 'donut' }) {
    const { totals } = await sources.metrics.query(scope, { filter, range, attempts: 'final' });
    const counts = countsOf(totals);
    const slices = RESULT_STATUSES.map((status) => ({
      status,
      share: toRate(counts[status], counts.executions),
      href: counts[status] > 0 ? links.cell({ statuses: [status] }) : null,
    }));
    return { chart, executions: counts.executions, slices };
  },
};

export class PerformanceOptionsDto {
  @MetricOption('duration_p95', {
    cells: true,
    optional: true,
    description: 'What the gauge shows: a metric of a cell; duration_p95 unless told otherwise',
  })
  metric?: string;

  @NumberOption('From here on (for a metric of which more is better: down from here) it is a warning', 3000)
  warning?: number;

  @NumberOption('From here on it is critical', 5000)
  critical?: number;

  @NumberOption('Where the gauge ends', 10_000)
  @IsOptional()
  @Min(0)
  max?: number;
}

export class PerformanceDataDto {
  @ApiProperty({ description: 'What the gauge shows', type: WidgetMetricDto })
  metric: WidgetMetricDto;

  @ApiProperty({ description: 'Its value', type: WidgetFigureDto })
  figure: WidgetFigureDto;

  @ApiProperty({
    description: 'Where it stands; `unknown` without a value or thresholds',
    enum: GAUGE_STATES,
    example: 'ok',
  })
  state: GaugeState;

  @ApiProperty({
    description: 'Where the gauge ends; null where the client may choose',
    type: Number,
    nullable: true,
    example: 10_000,
  })
  max: number | null;

  @ApiProperty({ description: 'Durations of what ran, ms', type: DurationsDto })
  durationMs: DurationsDto;

  @ApiProperty({ description: 'Time that superseded attempts took, ms', example: 46_000 })
  retryTimeMs: number;

  @ApiProperty({ description: 'The period before', type: ComparisonDto })
  previous: ComparisonDto;

  @Href('The results behind it')
  href: string | null;
}

export const performanceMetrics: WidgetType<PerformanceOptionsDto, PerformanceDataDto> = {
  type: 'performance_metrics',
  title: 'Performance gauge',
  description: 'A duration (or any other metric of a cell) against thresholds, with all durations beside it.',
  optionsDto: PerformanceOptionsDto,
  dataDto: PerformanceDataDto,
  size: { w: 3, h: 3 },
  example: { title: '95th percentile', options: { metric: 'duration_p95', warning: 3000, critical: 10_000 } },
  reach: 'filter',
  compute: (context, options) => performanceOf(context, options),
};

const performanceOf = async (
  { scope, filter, range, links, sources }: WidgetContext,
  { metric: id = 'duration_p95', warning, critical, max }: PerformanceOptionsDto,
) => {
  const before = previousRange(range);
  const { totals } = await sources.metrics.query(scope, { filter, range, attempts: 'final' });
  const past = await sources.metrics.query(scope, { filter, range: before, attempts: 'final' });
  const facts = sources.figures.factsOf(isCellMetricId(id) ? id : 'duration_p95')!;
  const [figure, then] = [cellFigure(facts.id, totals)!, cellFigure(facts.id, past.totals)!];
  return {
    metric: toMetricView(facts),
    figure,
    state: gaugeState(figure.value, facts.goodDirection, { warning, critical }),
    max: max ?? null,
    durationMs: durationsOf(totals),
    retryTimeMs: totals.retryDurationUs / 1000,
    previous: { range: toBucketView(before), figure: then, ...compareFigures(figure, then, facts.goodDirection) },
    href: links.cell(),
  };
};
