import type { ReportDefinition } from './report.js';

/** A range as a template keeps it: as the client wrote it, so that "the last 7 days" stays the last 7 days. */
export interface RangeInput {
  readonly from?: string;
  readonly to?: string;
  readonly lastDays?: number;
  readonly timeZone?: string;
}

export interface TemplateRequest extends ReportDefinition {
  readonly timeRange?: RangeInput;
}

/** A named request that people, schedules, widgets and exports use again. */
export interface ReportTemplate {
  readonly templateId: string;
  readonly name: string;
  readonly description?: string;
  readonly request: TemplateRequest;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type TemplateSettings = Pick<ReportTemplate, 'name' | 'description' | 'request'>;

/** Keys of the projects that a filter names, also those that it leaves out. */
export const projectsNamed = ({ filter }: ReportDefinition): string[] =>
  (filter.projects ?? []).map((key) => (key.startsWith('!') ? key.slice(1) : key));
