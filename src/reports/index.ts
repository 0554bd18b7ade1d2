export { JobWindowDto, windowRange } from './jobs/job-window.js';
export { ReportTemplatesService } from './report-templates.service.js';
export { ReportsModule } from './reports.module.js';
export { type GeneratedReport, type GenerateInput, ReportsService } from './reports.service.js';
export type { ReportBody, ReportRow } from './domain/report-body.js';
export { type ReportDefinition, type ReportHead, REPORT_TYPES, type ReportType } from './domain/report.js';
export type { ReportTemplate } from './domain/template.js';
