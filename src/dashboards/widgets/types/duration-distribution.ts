import { ApiProperty } from '@nestjs/swagger';
import { DurationsDto, durationsOf } from '../../../metrics/index.js';
import { type DurationBar, durationBars } from '../../domain/duration-bars.js';
import { Href, Numeric, TopOption } from '../fields.js';
import type { WidgetType } from '../widget-type.js';

export class DurationDistributionOptionsDto {
  @TopOption(20, 60)
  bars?: number;
}

class DurationBarDto implements DurationBar {
  @Numeric('Longer than this, ms', 512)
  fromMs: number;

  @Numeric('At most this, ms', 700)
  toMs: number;

  @Numeric('Outcomes', 48)
  n: number;
}

export class DurationDistributionDataDto {
  @ApiProperty({ description: 'From the shortest to the longest, none left out between', type: [DurationBarDto] })
  bars: readonly DurationBarDto[];

  @ApiProperty({ description: 'Quantiles, ms', type: DurationsDto })
  durationMs: DurationsDto;

  @Href('The results behind it')
  href: string | null;
}

export const durationDistribution: WidgetType<DurationDistributionOptionsDto, DurationDistributionDataDto> = {
  type: 'duration_distribution',
  title: 'Duration distribution',
  description: 'How many outcomes took how long, in bars of equal ratio.',
  optionsDto: DurationDistributionOptionsDto,
  dataDto: DurationDistributionDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'How long tests take', options: { bars: 20 } },
  reach: 'filter',
  async compute({ scope, filter, range, links, sources }, { bars = 20 }) {
    const { totals } = await sources.metrics.query(scope, { filter, range, attempts: 'final' });
    return { bars: durationBars(totals.histogram, bars), durationMs: durationsOf(totals), href: links.cell() };
  },
};
