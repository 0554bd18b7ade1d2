import type { ExportFormat } from '../domain/formats.js';
import { csvWriter } from './csv-writer.js';
import { jsonWriter, ndjsonWriter } from './json-writers.js';
import type { RowWriter } from './row-writer.js';
import { xlsxWriter } from './xlsx-writer.js';

/** The one place that knows which format is written by whom. */
export const ROW_WRITERS: Readonly<Partial<Record<ExportFormat, RowWriter>>> = {
  csv: csvWriter,
  json: jsonWriter,
  ndjson: ndjsonWriter,
  xlsx: xlsxWriter,
};
