import type { AsOf, MetricFilter, TimeRange } from '../../metrics/index.js';
import type { ExportFormat } from './formats.js';

export const EXPORT_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled', 'expired'] as const;
export type ExportStatus = (typeof EXPORT_STATUSES)[number];

export const PRIORITIES = ['low', 'normal', 'high'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** The smaller the sooner. */
export const RANKS: Readonly<Record<Priority, number>> = { high: 1, normal: 5, low: 10 };

export const SOURCE_KINDS = [
  'results',
  'runs',
  'tests',
  'report',
  'trend',
  'dashboard',
  'alerts',
  'deliveries',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** What a source was told besides the filter: plain data, as the job keeps it. */
export type SourceOptions = Readonly<Record<string, unknown>>;

/** Everything that says which bytes the file will hold. */
export interface ExportDefinition {
  readonly source: SourceKind;
  readonly options: SourceOptions;
  readonly format: ExportFormat;
  /** Keys, in order; empty for formats that are no table. */
  readonly columns: readonly string[];
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  /** Of dates in the file. */
  readonly timeZone: string;
  readonly locale?: string;
  readonly maxRecords: number;
}

/** A whole file, ready to be fetched. */
export interface ExportFile {
  readonly fileId: string;
  readonly name: string;
  readonly length: number;
  readonly rows: number;
  /** Hex. */
  readonly sha256: string;
  /** More rows than `maxRecords` were there. */
  readonly truncated: boolean;
}

export interface ExportError {
  readonly code: string;
  readonly detail: string;
}

/** Who asked, as the worker and the audit log need to know. */
export interface ExportOwner {
  readonly subject: string;
  readonly name: string;
}

export interface ExportJob extends ExportDefinition {
  readonly jobId: string;
  readonly organization: string;
  /** Keys of the projects that it reads, as they were when it was made. */
  readonly projects: readonly string[];
  /** It holds what belongs to no project, too: for those only who are confined to none. */
  readonly isWide: boolean;
  /** It holds what others may not see: for the owner only. */
  readonly isPrivate: boolean;
  readonly name: string;
  readonly priority: Priority;
  readonly owner: ExportOwner;
  readonly status: ExportStatus;
  readonly done: number;
  /** Rows to expect; undefined until they were counted. */
  readonly total?: number;
  /** Where the rows are read at: kept, so that a second attempt reads the same. */
  readonly asOf?: AsOf;
  readonly attempts: number;
  readonly file?: ExportFile;
  readonly error?: ExportError;
  /** Moves when the links handed out so far are to be void. */
  readonly linkRevision: number;
  readonly createdAt: Date;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** When the file goes. */
  readonly expiresAt?: Date;
}

export interface ProgressView {
  readonly done: number;
  readonly total: number | null;
  readonly percent: number | null;
}

/** Rows written of rows expected. 100 only when the file is there: what is left is to close it. */
export const progressOf = ({ status, done, total }: Pick<ExportJob, 'status' | 'done' | 'total'>): ProgressView => {
  if (status === 'completed' || status === 'expired') return { done, total: done, percent: 100 };
  if (total === undefined) return { done, total: null, percent: null };
  const percent = total === 0 ? 0 : Math.min(99, Math.floor((100 * done) / total));
  return { done, total, percent };
};

const LEAST_SHARE = 0.01;

/** When it should be there, if it goes on as fast as it went so far; undefined while too little is known. */
export const estimatedCompletion = (
  { status, done, total, startedAt }: Pick<ExportJob, 'status' | 'done' | 'total' | 'startedAt'>,
  now: Date,
): Date | undefined => {
  if (status !== 'in_progress' || !startedAt || total === undefined || total === 0) return undefined;
  const share = done / total;
  const elapsed = now.getTime() - startedAt.getTime();
  if (share < LEAST_SHARE || elapsed <= 0) return undefined;
  return new Date(Math.max(now.getTime(), startedAt.getTime() + elapsed / Math.min(1, share)));
};

/**
 * streams: rows as they come, of any number in little memory; computed: what has to be held whole (assessments, series,
 * documents). Two queues, so that each has a process of its own and the memory of the one is bounded.
 */
export const WORKLOADS = ['streams', 'computed'] as const;
export type Workload = (typeof WORKLOADS)[number];

export const workloadOf = ({ source, format }: Pick<ExportJob, 'source' | 'format'>): Workload =>
  format !== 'pdf' && (source === 'results' || source === 'runs') ? 'streams' : 'computed';

const OPEN: readonly ExportStatus[] = ['pending', 'in_progress'];

export const isOpen = ({ status }: Pick<ExportJob, 'status'>): boolean => OPEN.includes(status);
