import { Injectable } from '@nestjs/common';
import { AlertStatusService } from '../../alerts/index.js';
import { RunsService } from '../../executions/index.js';
import { CompareService } from '../../gates/index.js';
import { DerivedMetricsService, MetricsService } from '../../metrics/index.js';
import { ClustersService, QualityService, TestsService } from '../../quality/index.js';
import { SeriesReader, TrendsService } from '../../trends/index.js';
import { FiguresService } from '../widgets/figures.service.js';
import type { WidgetSources } from '../widgets/widget-type.js';

/** Gathers what widgets may ask, so that a type of widgets is plain data and a function. */
@Injectable()
export class WidgetSourcesProvider {
  readonly all: WidgetSources;

  constructor(
    metrics: MetricsService,
    derived: DerivedMetricsService,
    figures: FiguresService,
    series: SeriesReader,
    trends: TrendsService,
    quality: QualityService,
    tests: TestsService,
    clusters: ClustersService,
    runs: RunsService,
    compare: CompareService,
    alerts: AlertStatusService,
  ) {
    this.all = { metrics, derived, figures, series, trends, quality, tests, clusters, runs, compare, alerts };
  }
}
