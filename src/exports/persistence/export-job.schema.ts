import { Schema, type Types } from 'mongoose';
import type { AsOf } from '../../metrics/index.js';
import type { ExportError, ExportFile, ExportOwner, ExportStatus, Priority, SourceKind } from '../domain/export-job.js';
import type { ExportFormat } from '../domain/formats.js';

/** Who writes the file right now, and where to. `fence` names the attempt: what an earlier one still does is void. */
export interface ExportLease {
  fence: number;
  owner: string;
  until: Date;
  /** In GridFS, chosen before the first byte: what a killed worker left of it can be found. */
  fileId: string;
}

export interface ExportJobDocument {
  _id: Types.ObjectId;
  o: string;
  /** Keys of its projects: they decide who may see it. */
  pk: string[];
  /** Absent: no. */
  wide?: boolean;
  private?: boolean;
  name: string;
  owner: ExportOwner;
  /** Source, options, format, columns, filter, range: as JSON, for filters may hold anything. */
  definition: string;
  source: SourceKind;
  format: ExportFormat;
  priority: Priority;
  /** The priority as a number: the smaller the sooner. */
  rank: number;
  status: ExportStatus;
  done: number;
  total?: number;
  asOf?: AsOf;
  attempts: number;
  fence: number;
  lease?: ExportLease;
  /** When the queue was last told of it. */
  hintedAt?: Date;
  /** Not to be tried again before. */
  notBefore?: Date;
  file?: ExportFile;
  error?: ExportError;
  linkRevision: number;
  createdAt: Date;
  /** Of who asks once and may have to ask again. */
  key?: string;
  startedAt?: Date;
  finishedAt?: Date;
  expiresAt?: Date;
}

const Mixed = Schema.Types.Mixed;

export const ExportJobSchema = new Schema<ExportJobDocument>(
  {
    o: { type: String, required: true },
    pk: { type: [String], required: true },
    wide: Boolean,
    private: Boolean,
    name: { type: String, required: true },
    owner: Mixed,
    definition: { type: String, required: true },
    source: String,
    format: String,
    priority: String,
    rank: Number,
    status: { type: String, required: true },
    done: Number,
    total: Number,
    asOf: Mixed,
    attempts: Number,
    fence: Number,
    lease: Mixed,
    hintedAt: Date,
    notBefore: Date,
    file: Mixed,
    error: Mixed,
    linkRevision: Number,
    createdAt: { type: Date, required: true },
    key: String,
    startedAt: Date,
    finishedAt: Date,
    expiresAt: Date,
  },
  { collection: 'export_jobs', versionKey: false },
)
  .index({ o: 1, createdAt: -1, _id: -1 })
  .index({ o: 1, status: 1, rank: 1, createdAt: 1 })
  .index({ status: 1, hintedAt: 1 }, { partialFilterExpression: { status: 'pending' } })
  .index({ 'lease.until': 1 }, { partialFilterExpression: { status: 'in_progress' } })
  .index({ o: 1, key: 1 }, { unique: true, partialFilterExpression: { key: { $exists: true } } })
  .index({ expiresAt: 1 }, { partialFilterExpression: { expiresAt: { $exists: true } } });

export const EXPORT_JOB = 'ExportJob';
