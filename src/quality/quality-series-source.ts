import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import type { MetricValue } from '../metrics/index.js';
import { type MetricFacts, type SeriesRequest, type SeriesSource, SeriesSources } from '../trends/index.js';
import { isQualityMetric } from './quality-series.js';
import { QualityService } from './quality.service.js';

/** The quality figures as metrics over time: `GET /trends?metric=flakiness`. */
@Injectable()
export class QualitySeriesSource implements SeriesSource, OnModuleInit {
  readonly metrics: readonly MetricFacts[] = [
    {
      id: 'quality_score',
      title: 'Quality score',
      unit: 'number',
      goodDirection: 'up',
      kind: 'value',
      description: 'Quality score, 0 to 100, of the 30 days up to the end of the bucket, with the default weights.',
    },
    {
      id: 'flakiness',
      title: 'Flakiness',
      unit: 'ratio',
      goodDirection: 'down',
      kind: 'value',
      description: 'Mean phi of the tests, weighted by runs, over the 30 days up to the end of the bucket.',
    },
    {
      id: 'stability',
      title: 'Stability',
      unit: 'ratio',
      goodDirection: 'up',
      kind: 'value',
      description: '1 - flakiness.',
    },
    {
      id: 'mttr',
      title: 'Mean time to recovery, hours',
      unit: 'number',
      goodDirection: 'down',
      kind: 'value',
      description: 'Mean hours to the next pass of the failures that began in the bucket and ended since.',
    },
    {
      id: 'new_failures',
      title: 'New failures',
      unit: 'count',
      goodDirection: 'down',
      kind: 'count',
      description:
        'Tests whose newest outcome in the bucket failed while none of their last 5 outcomes in the 30 days before it did; a test without a past is none. Tests in quarantine now are left out.',
    },
  ];

  constructor(
    private readonly sources: SeriesSources,
    private readonly quality: QualityService,
  ) {}

  onModuleInit(): void {
    this.sources.register(this);
  }

  async series(
    scope: Scope,
    metricId: string,
    { filter, range, period }: SeriesRequest,
  ): Promise<readonly MetricValue[]> {
    if (!isQualityMetric(metricId)) throw new Error(`${metricId} is not a metric of quality`);
    return this.quality.series(scope, metricId, filter, range, period);
  }
}
