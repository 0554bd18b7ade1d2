import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ProjectsModule } from '../projects/index.js';
import { DefinitionLogModule } from './definition-log.module.js';
import { DerivedMetricsService } from './derived-metrics.service.js';
import { CatalogueController } from './http/catalogue.controller.js';
import { MetricRegistry } from './metric-registry.js';
import { MetricsService } from './metrics.service.js';
import { DayReader } from './persistence/day-reader.js';
import { DaysRepository } from './persistence/days.repository.js';
import { OverlayService } from './persistence/overlay.service.js';
import { ReadIndex } from './persistence/read-index.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';
import {
  DAY,
  DaySchema,
  RUN_SUMMARY,
  RunSummarySchema,
  SEALED_DAY,
  SEALED_ROWS,
  SealedDaySchema,
  SealedRowsSchema,
} from './persistence/schemas.js';
import { SealedDaysRepository } from './persistence/sealed-days.repository.js';
import { QueryPreparer } from './query-preparer.service.js';
import { VanishingRuns } from './persistence/vanishing-runs.js';
import { UsageController } from './http/usage.controller.js';
import { ReadModelService } from './read-model.service.js';
import { SealerService } from './sealer.service.js';
import { VerifyService } from './verify.service.js';
import { WorkerPulse } from './worker-pulse.js';

@Module({
  imports: [
    DefinitionLogModule,
    ProjectsModule,
    MongooseModule.forFeature([
      { name: RUN_SUMMARY, schema: RunSummarySchema },
      { name: DAY, schema: DaySchema },
      { name: SEALED_DAY, schema: SealedDaySchema },
      { name: SEALED_ROWS, schema: SealedRowsSchema },
    ]),
  ],
  controllers: [CatalogueController, UsageController],
  providers: [
    DerivedMetricsService,
    MetricRegistry,
    MetricsService,
    QueryPreparer,
    ReadModelService,
    SealerService,
    VerifyService,
    WorkerPulse,
    ReadIndex,
    DayReader,
    OverlayService,
    DaysRepository,
    RunSummariesRepository,
    SealedDaysRepository,
    VanishingRuns,
  ],
  exports: [MetricRegistry, DerivedMetricsService, MetricsService, VerifyService, SealerService],
})
export class MetricsModule {}
