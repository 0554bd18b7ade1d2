import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AppConfig } from '../config/index.js';
import { ExecutionsModule } from '../executions/index.js';
import { MetricsModule } from '../metrics/index.js';
import { TrendsModule } from '../trends/index.js';
import { AssessmentsService } from './assessments/assessments.service.js';
import { JudgingThread } from './assessments/thread/judging-thread.js';
import { ClustersService } from './clusters.service.js';
import { AliasesService } from './definitions/aliases.service.js';
import {
  OUTAGE_DECISION,
  OutageDecisionSchema,
  TEST_ALIAS,
  TestAliasSchema,
} from './definitions/definition.schemas.js';
import { DefinitionsService } from './definitions/definitions.service.js';
import { OutageDecisionsRepository } from './definitions/outage-decisions.repository.js';
import { OutagesService } from './definitions/outages.service.js';
import { TestAliasesRepository } from './definitions/test-aliases.repository.js';
import { ClustersController } from './http/clusters.controller.js';
import { OutagesController } from './http/outages.controller.js';
import { QualityController } from './http/quality.controller.js';
import { TestsController } from './http/tests.controller.js';
import { QualitySeriesSource } from './quality-series-source.js';
import { QualityService } from './quality.service.js';
import { QuarantineLookup } from './quarantine-lookup.js';
import { TestNames } from './tests/test-names.service.js';
import { TestsService } from './tests/tests.service.js';

@Module({
  imports: [
    ExecutionsModule,
    MetricsModule,
    TrendsModule,
    MongooseModule.forFeature([
      { name: OUTAGE_DECISION, schema: OutageDecisionSchema },
      { name: TEST_ALIAS, schema: TestAliasSchema },
    ]),
  ],
  controllers: [QualityController, TestsController, OutagesController, ClustersController],
  providers: [
    AssessmentsService,
    DefinitionsService,
    OutageDecisionsRepository,
    TestAliasesRepository,
    OutagesService,
    AliasesService,
    QualityService,
    QualitySeriesSource,
    ClustersService,
    JudgingThread,
    QuarantineLookup,
    TestNames,
    TestsService,
  ],
  exports: [
    AssessmentsService,
    ClustersService,
    DefinitionsService,
    QualityService,
    QuarantineLookup,
    TestNames,
    TestsService,
  ],
})
export class QualityModule implements OnApplicationBootstrap {
  constructor(
    private readonly config: AppConfig,
    private readonly thread: JudgingThread,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'worker') this.thread.warm();
  }
}
