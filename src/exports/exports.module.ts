import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AlertsModule } from '../alerts/index.js';
import { AppConfig, type ProcessRole } from '../config/index.js';
import { DashboardsModule } from '../dashboards/index.js';
import { MetricsModule } from '../metrics/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { QualityModule } from '../quality/index.js';
import { ReportsModule } from '../reports/index.js';
import { SchedulesModule } from '../schedules/index.js';
import { TrendsModule } from '../trends/index.js';
import { WORKLOADS } from './domain/export-job.js';
import { DownloadsService } from './downloads.service.js';
import { ExportContent } from './export-content.js';
import { ExportProgress } from './export-progress.js';
import { ExportQueue } from './export-queue.js';
import { ExportRoom } from './export-room.js';
import { ExportRunner } from './export-runner.js';
import { ExportSweeper } from './export-sweeper.js';
import { ExportWorker } from './export-worker.js';
import { EXPORTS_WORK, type ExportsWork } from './exports.options.js';
import { ExportsService } from './exports.service.js';
import { DownloadsController } from './http/downloads.controller.js';
import { ExportsController } from './http/exports.controller.js';
import { DocumentContent } from './pdf/document-content.js';
import { PdfRenderer } from './pdf/pdf-renderer.js';
import { EXPORT_JOB, ExportJobSchema } from './persistence/export-job.schema.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportJobsRepository } from './persistence/export-jobs.repository.js';
import { ExportLeases } from './persistence/export-leases.js';
import { ScheduledExport } from './scheduled-export.js';
import { AlertsSource } from './sources/alerts-source.js';
import { DashboardSource } from './sources/dashboard/dashboard-source.js';
import { DeliveriesSource } from './sources/deliveries-source.js';
import type { ExportSource } from './sources/export-source.js';
import { ExportSources } from './sources/export-sources.js';
import { FiguresSummary } from './sources/figures-summary.js';
import { ReportSource } from './sources/report-source.js';
import { ResultsSource } from './sources/results-source.js';
import { RunFiles } from './sources/run-files.js';
import { RunsSource } from './sources/runs-source.js';
import { TestsSource } from './sources/tests-source.js';
import { TrendSource } from './sources/trend-source.js';

/** Streams are written by a process of their own, see `src/export-worker.ts`. */
const WORK: Readonly<Record<ProcessRole, ExportsWork>> = { api: [], worker: ['computed'], all: WORKLOADS };

/** Files out of whatever the other rooms know: jobs, formats, downloads. */
@Module({
  imports: [
    AlertsModule,
    DashboardsModule,
    MetricsModule,
    NotificationsModule,
    QualityModule,
    ReportsModule,
    SchedulesModule,
    TrendsModule,
    MongooseModule.forFeature([{ name: EXPORT_JOB, schema: ExportJobSchema }]),
  ],
  controllers: [ExportsController, DownloadsController],
  providers: [
    { provide: EXPORTS_WORK, inject: [AppConfig], useFactory: ({ role }: AppConfig): ExportsWork => WORK[role] },
    AlertsSource,
    DashboardSource,
    DeliveriesSource,
    DocumentContent,
    DownloadsService,
    ExportContent,
    ExportFiles,
    ExportJobsRepository,
    ExportLeases,
    ExportProgress,
    ExportQueue,
    ExportRoom,
    ExportRunner,
    ExportSources,
    ExportSweeper,
    ExportWorker,
    ExportsService,
    FiguresSummary,
    PdfRenderer,
    ReportSource,
    ResultsSource,
    RunFiles,
    RunsSource,
    ScheduledExport,
    TestsSource,
    TrendSource,
  ],
  exports: [ExportsService, DownloadsService, ExportSources],
})
export class ExportsModule implements OnModuleInit {
  private readonly own: readonly ExportSource[];

  constructor(
    private readonly sources: ExportSources,
    results: ResultsSource,
    runs: RunsSource,
    tests: TestsSource,
    report: ReportSource,
    trend: TrendSource,
    dashboard: DashboardSource,
    alerts: AlertsSource,
    deliveries: DeliveriesSource,
  ) {
    this.own = [results, runs, tests, report, trend, dashboard, alerts, deliveries];
  }

  onModuleInit(): void {
    for (const source of this.own) this.sources.register(source);
  }
}
