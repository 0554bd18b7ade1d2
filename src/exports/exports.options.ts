import type { Workload } from './domain/export-job.js';

/** Row limits and sizes that belong to the feature, in one place. */
export const LIMITS = {
  /** Rows of one export. */
  maxRecords: 5_000_000,
  /** Rows of the table in a document; the rest is linked. */
  documentRows: 1_000,
  /** Jobs of an organization that wait or run. */
  openJobs: 100,
  /** Tries of one job before it has failed for good. */
  attempts: 5,
  linkMinutes: 15,
  /** How long a job without a file stays in the list. */
  keptDays: 7,
} as const;

export const queueOf = (workload: Workload): string => `exports-${workload}`;

/** Which jobs this process works on; none: it only takes them in. */
export type ExportsWork = readonly Workload[];
export const EXPORTS_WORK = Symbol('EXPORTS_WORK');
