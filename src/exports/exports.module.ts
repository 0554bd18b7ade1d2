import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MetricsModule } from '../metrics/index.js';
import { QualityModule } from '../quality/index.js';
import { ReportsModule } from '../reports/index.js';
import { TrendsModule } from '../trends/index.js';
import { DownloadsService } from './downloads.service.js';
import { ExportContent } from './export-content.js';
import { ExportProgress } from './export-progress.js';
import { ExportQueue } from './export-queue.js';
import { ExportRunner } from './export-runner.js';
import { ExportSweeper } from './export-sweeper.js';
import { ExportWorker } from './export-worker.js';
import { ExportsService } from './exports.service.js';
import { DownloadsController } from './http/downloads.controller.js';
import { ExportsController } from './http/exports.controller.js';
import { DocumentContent } from './pdf/document-content.js';
import { PdfRenderer } from './pdf/pdf-renderer.js';
import { EXPORT_JOB, ExportJobSchema } from './persistence/export-job.schema.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportJobsRepository } from './persistence/export-jobs.repository.js';
import { ExportLeases } from './persistence/export-leases.js';
import { ExportSources } from './sources/export-sources.js';
import { FiguresSummary } from './sources/figures-summary.js';
import { ResultsSource } from './sources/results-source.js';
import { RunsSource } from './sources/runs-source.js';

/** Files out of whatever the other rooms know: jobs, formats, downloads. */
@Module({
  imports: [
    MetricsModule,
    QualityModule,
    ReportsModule,
    TrendsModule,
    MongooseModule.forFeature([{ name: EXPORT_JOB, schema: ExportJobSchema }]),
  ],
  controllers: [ExportsController, DownloadsController],
  providers: [
    DocumentContent,
    DownloadsService,
    ExportContent,
    ExportFiles,
    ExportJobsRepository,
    ExportLeases,
    ExportProgress,
    ExportQueue,
    ExportRunner,
    ExportSources,
    ExportSweeper,
    ExportWorker,
    ExportsService,
    FiguresSummary,
    PdfRenderer,
    ResultsSource,
    RunsSource,
  ],
  exports: [ExportsService, DownloadsService, ExportSources],
})
export class ExportsModule implements OnModuleInit {
  constructor(
    private readonly sources: ExportSources,
    private readonly results: ResultsSource,
    private readonly runs: RunsSource,
  ) {}

  onModuleInit(): void {
    for (const source of [this.results, this.runs]) this.sources.register(source);
  }
}
