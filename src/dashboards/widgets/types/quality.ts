import { ApiProperty, PickType } from '@nestjs/swagger';
import type { CalendarInterval } from '../../../metrics/index.js';
import { MttrDto, QualityMetricsDto, toQualityMetrics } from '../../../quality/index.js';
import { ChoiceOption, Href, NumberOrNull, PeriodOption } from '../fields.js';
import { SeriesPointDto, toSeriesPoint } from '../parts.dto.js';
import type { WidgetType } from '../widget-type.js';

const SCOPES = ['organization', 'team', 'project', 'suite'] as const;
const SHOWN = [
  'score',
  'passRate',
  'reliability',
  'flakiness',
  'stability',
  'durationStability',
  'mttr',
  'tests',
  'thresholdViolations',
  'risks',
  'recommendations',
  'insights',
  'change',
  'groups',
] as const;

export class QualityMetricsOptionsDto {
  @ChoiceOption('Groups beside the gauge; none with organization', SCOPES, 'organization')
  scope?: (typeof SCOPES)[number];
}

export class QualityMetricsDataDto extends PickType(QualityMetricsDto, SHOWN) {
  @Href('The whole answer')
  href: string | null;
}

export const qualityMetrics: WidgetType<QualityMetricsOptionsDto, QualityMetricsDataDto> = {
  type: 'quality_metrics',
  title: 'Quality gauge',
  description: 'The quality score with its parts, flakiness, stability, risks and recommendations.',
  optionsDto: QualityMetricsOptionsDto,
  dataDto: QualityMetricsDataDto,
  size: { w: 4, h: 4 },
  example: { title: 'Quality', options: { scope: 'organization' } },
  reach: 'projects',
  ages: true,
  async compute({ scope, filter, range, links, sources }, { scope: level = 'organization' }) {
    const all = toQualityMetrics(await sources.quality.metricsOf(scope, level, filter, range));
    const shown = Object.fromEntries(SHOWN.map((name) => [name, all[name]])) as Pick<
      typeof all,
      (typeof SHOWN)[number]
    >;
    return { ...shown, href: links.quality() };
  },
};

export class MttrOptionsDto {
  @PeriodOption('week')
  period?: CalendarInterval;
}

class MttrChangeDto {
  @NumberOrNull('Mean hours in the period before; null with too little data', 30.1)
  before: number | null;

  @NumberOrNull('Mean hours in the range; null with too little data', 22.5)
  now: number | null;

  @NumberOrNull('now - before', -7.6)
  difference: number | null;
}

export class MttrDataDto {
  @ApiProperty({ description: 'Time to recovery over the range', type: MttrDto })
  mttr: MttrDto;

  @ApiProperty({ description: 'Against the period before', type: MttrChangeDto })
  change: MttrChangeDto;

  @ApiProperty({ description: 'Mean hours of the failures that began in each period', type: [SeriesPointDto] })
  points: readonly SeriesPointDto[];

  @Href('The series')
  href: string | null;
}

export const mttr: WidgetType<MttrOptionsDto, MttrDataDto> = {
  type: 'mttr',
  title: 'Time to recovery',
  description: 'How long tests stay broken: mean and median hours, and over time.',
  optionsDto: MttrOptionsDto,
  dataDto: MttrDataDto,
  size: { w: 4, h: 3 },
  example: { title: 'Time to recovery', options: { period: 'week' } },
  reach: 'projects',
  ages: true,
  async compute({ scope, filter, range, links, sources }, { period = 'week' }) {
    const { figures, previous } = await sources.quality.metricsOf(scope, 'organization', filter, range);
    const [series] = await sources.series.read(scope, { filter, range, period }, [sources.figures.factsOf('mttr')!]);
    const [now, before] = [figures.recovery.meanHours, previous.recovery.meanHours];
    return {
      mttr: figures.recovery,
      change: { before, now, difference: now === null || before === null ? null : now - before },
      points: series!.points.map(toSeriesPoint),
      href: links.trends(['mttr'], period),
    };
  },
};
