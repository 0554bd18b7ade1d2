import type { Summary } from '../domain/summary.js';

export interface PdfTable {
  readonly title: string;
  readonly columns: readonly { readonly title: string; readonly isNumber: boolean; readonly wide: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** What was left out. */
  readonly note?: string;
}

/** Everything that stands in a document, as plain data that can be sent to another thread. */
export interface PdfInput {
  readonly name: string;
  readonly summary: Summary;
  readonly organization: string;
  readonly period: string;
  readonly filters: readonly { readonly name: string; readonly values: string }[];
  readonly generatedAt: string;
  readonly table?: PdfTable;
  /** Where the whole is to be found; an absolute address. */
  readonly link?: string;
}
