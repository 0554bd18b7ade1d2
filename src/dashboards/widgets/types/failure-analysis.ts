import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { ClusterDto, toCluster } from '../../../quality/index.js';
import { Href, Numeric, TopOption } from '../fields.js';
import type { WidgetType } from '../widget-type.js';

const STATES = ['new', 'known', 'resolved'] as const;
type State = (typeof STATES)[number];

export class FailureAnalysisOptionsDto {
  @TopOption(10, 50)
  top?: number;

  @ApiPropertyOptional({
    description: 'Only clusters in one of these states; new and known unless told otherwise',
    enum: STATES,
    isArray: true,
    example: ['new', 'known'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(3)
  @IsIn(STATES, { each: true })
  states?: State[];
}

class ClusterCountsViewDto {
  @Numeric('Not in the window before', 2)
  new: number;

  @Numeric('In both', 7)
  known: number;

  @Numeric('Only in the window before', 3)
  resolved: number;
}

export class FailureAnalysisDataDto {
  @ApiProperty({ description: 'Clusters by state', type: ClusterCountsViewDto })
  counts: ClusterCountsViewDto;

  @Numeric('Clusters in the states asked for', 9)
  total: number;

  @ApiProperty({ description: 'New ones first, then by size', type: [ClusterDto] })
  items: readonly ClusterDto[];

  @Href('All of them', '/api/v1/execution-reporting/failure-clusters')
  href: string | null;
}

export const failureAnalysis: WidgetType<FailureAnalysisOptionsDto, FailureAnalysisDataDto> = {
  type: 'failure_analysis',
  title: 'Failure clusters',
  description: 'Failures by their cause, new ones first.',
  optionsDto: FailureAnalysisOptionsDto,
  dataDto: FailureAnalysisDataDto,
  size: { w: 6, h: 4 },
  example: { title: 'Why tests fail', options: { top: 10 } },
  reach: 'projects',
  async compute({ scope, filter, range, links, sources }, { top = 10, states = ['new', 'known'] }) {
    const { counts, page } = await sources.clusters.list(scope, { filter, range, states, limit: top });
    return { counts, total: page.total, items: page.items.map(toCluster), href: links.clusters() };
  },
};
