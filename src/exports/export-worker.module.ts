import { Module, type OnModuleInit } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { MetricsModule } from '../metrics/index.js';
import { ExportContent } from './export-content.js';
import { ExportProgress } from './export-progress.js';
import { ExportQueue } from './export-queue.js';
import { ExportRoom } from './export-room.js';
import { ExportRunner } from './export-runner.js';
import { ExportSweeper } from './export-sweeper.js';
import { ExportWorker } from './export-worker.js';
import { EXPORTS_WORK, type ExportsWork } from './exports.options.js';
import { ExportsService } from './exports.service.js';
import { DocumentContent } from './pdf/document-content.js';
import { PdfRenderer } from './pdf/pdf-renderer.js';
import { EXPORT_JOB, ExportJobSchema } from './persistence/export-job.schema.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportJobsRepository } from './persistence/export-jobs.repository.js';
import { ExportLeases } from './persistence/export-leases.js';
import { ExportSources } from './sources/export-sources.js';
import { FiguresSummary } from './sources/figures-summary.js';
import { ResultsSource } from './sources/results-source.js';
import { RunFiles } from './sources/run-files.js';
import { RunsSource } from './sources/runs-source.js';

const WORK: ExportsWork = ['streams'];

/**
 * What it takes to write rows of results and runs, and nothing else: whatever more is loaded stays in the memory of the
 * process that has to write a million of them in little.
 */
@Module({
  imports: [MetricsModule, MongooseModule.forFeature([{ name: EXPORT_JOB, schema: ExportJobSchema }])],
  providers: [
    { provide: EXPORTS_WORK, useValue: WORK },
    DocumentContent,
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
    ResultsSource,
    RunFiles,
    RunsSource,
  ],
})
export class ExportWorkerModule implements OnModuleInit {
  constructor(
    private readonly sources: ExportSources,
    private readonly results: ResultsSource,
    private readonly runs: RunsSource,
  ) {}

  onModuleInit(): void {
    this.sources.register(this.results);
    this.sources.register(this.runs);
  }
}
