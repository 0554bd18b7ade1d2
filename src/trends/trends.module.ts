import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { MetricsModule } from '../metrics/index.js';
import { AnalysisPool } from './analysis/analysis-pool.js';
import { ChangeSidesService } from './change-sides.service.js';
import { TrendsController } from './http/trends.controller.js';
import { SeriesReader } from './series/series-reader.service.js';
import { SeriesSources } from './series/series-sources.js';
import { TrendsService } from './trends.service.js';

@Module({
  imports: [MetricsModule],
  controllers: [TrendsController],
  providers: [TrendsService, SeriesReader, SeriesSources, ChangeSidesService, AnalysisPool],
  exports: [TrendsService, SeriesReader, SeriesSources],
})
export class TrendsModule implements OnApplicationBootstrap {
  constructor(
    private readonly pool: AnalysisPool,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'worker') this.pool.warm();
  }
}
