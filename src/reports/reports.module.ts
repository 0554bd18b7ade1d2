import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MetricsModule } from '../metrics/index.js';
import { QualityModule } from '../quality/index.js';
import { SchedulesModule } from '../schedules/index.js';
import { TrendsModule } from '../trends/index.js';
import { DeferredScores } from './deferred-scores.service.js';
import { DrilldownGroupsService } from './drilldown-groups.service.js';
import { DrilldownResultsService } from './drilldown-results.service.js';
import { DrilldownService } from './drilldown.service.js';
import { DrilldownController } from './http/drilldown.controller.js';
import { ReportsController } from './http/reports.controller.js';
import { TemplatesController } from './http/templates.controller.js';
import { QualitySummaryJob } from './jobs/quality-summary-job.js';
import { ReportJob } from './jobs/report-job.js';
import { TrendJob } from './jobs/trend-job.js';
import { REPORT, ReportSchema } from './persistence/report.schema.js';
import { ReportsRepository } from './persistence/reports.repository.js';
import { TEMPLATE, TemplateSchema } from './persistence/template.schema.js';
import { TemplatesRepository } from './persistence/templates.repository.js';
import { ReportBuilderService } from './report-builder.service.js';
import { ReportListsService } from './report-lists.service.js';
import { ReportScoresService } from './report-scores.service.js';
import { ReportSectionsService } from './report-sections.service.js';
import { ReportTemplatesService } from './report-templates.service.js';
import { ReportsService } from './reports.service.js';

@Module({
  imports: [
    MetricsModule,
    QualityModule,
    SchedulesModule,
    TrendsModule,
    MongooseModule.forFeature([
      { name: REPORT, schema: ReportSchema },
      { name: TEMPLATE, schema: TemplateSchema },
    ]),
  ],
  // templates first: their path would be an id to the other
  controllers: [TemplatesController, ReportsController, DrilldownController],
  providers: [
    ReportsService,
    ReportBuilderService,
    ReportListsService,
    ReportScoresService,
    ReportSectionsService,
    DeferredScores,
    ReportTemplatesService,
    DrilldownService,
    DrilldownGroupsService,
    DrilldownResultsService,
    ReportsRepository,
    TemplatesRepository,
    QualitySummaryJob,
    ReportJob,
    TrendJob,
  ],
  exports: [ReportsService, ReportTemplatesService],
})
export class ReportsModule {}
