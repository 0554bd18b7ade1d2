/** A kind of file. `rows`: a table of any length; `document`: pages for people; `run`: one run for another test tool. */
export interface FormatFacts {
  readonly extension: string;
  readonly contentType: string;
  readonly shape: 'rows' | 'document' | 'run';
}

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson', 'xlsx', 'pdf', 'junit', 'ctrf'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const FORMATS: Readonly<Record<ExportFormat, FormatFacts>> = {
  csv: { extension: 'csv', contentType: 'text/csv; charset=utf-8; header=present', shape: 'rows' },
  json: { extension: 'json', contentType: 'application/json', shape: 'rows' },
  ndjson: { extension: 'ndjson', contentType: 'application/x-ndjson', shape: 'rows' },
  xlsx: {
    extension: 'xlsx',
    contentType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    shape: 'rows',
  },
  pdf: { extension: 'pdf', contentType: 'application/pdf', shape: 'document' },
  junit: { extension: 'xml', contentType: 'application/xml', shape: 'run' },
  ctrf: { extension: 'json', contentType: 'application/json', shape: 'run' },
};

export const ROW_FORMATS: readonly ExportFormat[] = EXPORT_FORMATS.filter((format) => FORMATS[format].shape === 'rows');

/** Names that clients may use besides. */
export const FORMAT_ALIASES: Readonly<Record<string, ExportFormat>> = { excel: 'xlsx' };
