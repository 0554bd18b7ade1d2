import { DomainError, invalid } from '../../common/index.js';

export interface FilePlace {
  readonly line?: number;
  readonly column?: number;
  /** RFC 6901, where the file is JSON. */
  readonly pointer?: string;
}

/** 422: the file cannot be understood; says where. */
export const invalidFile = (fileName: string, detail: string, place: FilePlace = {}): DomainError => {
  const { line, column, pointer = '' } = place;
  const at = [line !== undefined && `line ${line}`, column !== undefined && `column ${column}`]
    .filter(Boolean)
    .join(', ');
  const text = [at, pointer && `at ${pointer}`, detail].filter(Boolean).join(': ').slice(0, 500);
  return new DomainError('invalid', 'invalid_file', `${fileName}: ${text}`, {
    errors: [{ pointer, detail: text, code: 'invalid_file' }],
    extensions: { file: fileName, ...(line !== undefined && { line }), ...(column !== undefined && { column }) },
  });
};

export const fileTooLarge = (fileName: string, detail: string): DomainError =>
  new DomainError('too_large', 'file_too_large', `${fileName}: ${detail}`, { extensions: { file: fileName } });

export const unknownFormat = (fileName: string): DomainError =>
  invalid('unknown_format', `${fileName} is none of: JUnit XML, CTRF JSON, NDJSON results, CSV history`, [
    { pointer: '', detail: 'The format was not recognised', code: 'unknown_format' },
  ]);
