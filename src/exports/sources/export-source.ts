import type { Permission, Principal } from '../../auth/index.js';
import type { Scope } from '../../common/index.js';
import type { AsOf, MetricFilter, TimeRange } from '../../metrics/index.js';
import type { Column, Row } from '../domain/cell.js';
import type { SourceKind, SourceOptions } from '../domain/export-job.js';
import type { ExportFormat } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';

/** What a client asks of a source, its defaults not filled in. */
export interface SourceRequest {
  readonly options: SourceOptions;
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly timeZone: string;
  readonly format: ExportFormat;
}

/** The same, checked and complete: what the job keeps. */
export interface PreparedSource {
  readonly options: SourceOptions;
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  /** Keys of the projects that it reads. */
  readonly projects: readonly string[];
  /** It holds what belongs to no project, too: for those only who are confined to none. */
  readonly isWide?: boolean;
  /** It holds what others may not see: for the owner only. */
  readonly isPrivate?: boolean;
  /** What the export is called where nobody named it. */
  readonly name: string;
  readonly defaultColumns: readonly string[];
}

/** What the worker reads. */
export interface ReadContext {
  readonly scope: Scope;
  readonly options: SourceOptions;
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  /** Of dates in the file. */
  readonly timeZone: string;
  readonly format: ExportFormat;
  readonly asOf?: AsOf;
  /** Stops the read at the next batch. */
  readonly signal: AbortSignal;
}

/** A piece of such a text, and how many tests it holds. */
export interface RunFilePart {
  readonly text: string;
  readonly tests: number;
}

/** How much there is, and where it is read at. */
export interface Extent {
  readonly rows: number;
  /** The rows are exactly so many; else it is a guess. */
  readonly exact: boolean;
  readonly asOf?: AsOf;
}

/** Something that can be exported. Each is one entry of `ExportSources`; nothing else knows it. */
export interface ExportSource {
  readonly kind: SourceKind;
  readonly title: string;
  readonly description: string;
  /** Needed besides `exports:write`. */
  readonly permission: Permission;
  readonly formats: readonly ExportFormat[];
  readonly columns: readonly Column[];
  readonly defaultColumns: readonly string[];
  /** Of the table in a document, where a page is too narrow for the others. */
  readonly documentColumns?: readonly string[];
  /**
   * Checks what was asked for and fills in what was not.
   * @throws DomainError 404 for what is not the caller's, 422 for options that make no sense
   */
  prepare(principal: Principal, request: SourceRequest): Promise<PreparedSource>;
  /** The same check without anything being made for it, where `prepare` makes something. */
  check?(principal: Principal, request: SourceRequest): Promise<void>;
  extent(context: ReadContext): Promise<Extent>;
  /** Batches of rows with the given columns. */
  rows(context: ReadContext, columns: readonly string[]): AsyncIterable<readonly Row[]>;
  /** Figures and charts for a document; only where `formats` has pdf. */
  summary?(context: ReadContext): Promise<Summary>;
  /** The text of a format of another test tool; only where `formats` has one. */
  runFile?(context: ReadContext, format: ExportFormat): AsyncIterable<RunFilePart>;
}
