export { type ExportJob, type ExportStatus, SOURCE_KINDS, type SourceKind } from './domain/export-job.js';
export { EXPORT_FORMATS, type ExportFormat } from './domain/formats.js';
export { DownloadsService } from './downloads.service.js';
export { ExportsModule } from './exports.module.js';
export { type ExportRequest, ExportsService } from './exports.service.js';
