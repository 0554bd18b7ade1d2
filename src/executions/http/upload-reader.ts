import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { DomainError } from '../../common/index.js';
import { LIMITS } from '../domain/limits.js';
import type { ImportForm } from '../import-form.js';
import type { UploadedFile } from '../import.service.js';

const FIRST_CAPACITY = 64 * 1024;

/** Collects bytes of unknown number in one buffer: with a right guess of the size nothing is copied twice. */
class ByteSink {
  private length = 0;
  private buffer: Buffer;

  constructor(expected: number) {
    // not touched, a page costs no memory, so a client that promises much and sends little reserves nothing
    this.buffer = Buffer.allocUnsafeSlow(Math.min(Math.max(expected, FIRST_CAPACITY), LIMITS.fileBytes));
  }

  add(chunk: Buffer): void {
    if (this.length + chunk.length > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + chunk.length));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    chunk.copy(this.buffer, this.length);
    this.length += chunk.length;
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

const readPart = async (part: MultipartFile, expected: number, form: ImportForm): Promise<UploadedFile> => {
  const sink = new ByteSink(expected);
  const hash = createHash('sha256');
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    await form.addReceived(chunk.length);
    sink.add(chunk);
    hash.update(chunk);
  }
  if (part.file.truncated)
    throw new DomainError(
      'too_large',
      'file_too_large',
      `${part.filename}: a file may have ${LIMITS.fileBytes} bytes at most`,
    );
  return { name: part.filename || 'file', bytes: sink.bytes(), sha256: hash.digest('hex') };
};

export interface Upload<T> {
  readonly fields: readonly (readonly [string, string])[];
  readonly files: readonly T[];
}

/**
 * Reads a multipart request part by part: each file is in memory once, and given up as soon as `read` is done with it.
 * @throws DomainError 415 unless it is multipart; 413 `file_too_large`, `form_too_large`; 422 without a file
 */
export const readUpload = async <T>(
  request: FastifyRequest,
  form: ImportForm,
  read: (file: UploadedFile) => Promise<T>,
): Promise<Upload<T>> => {
  if (!request.isMultipart())
    throw new DomainError(
      'unsupported_media',
      'not_multipart',
      'Send the files as multipart/form-data, in parts named "file"',
    );
  const fields: [string, string][] = [];
  const files: T[] = [];
  const announced = Number(request.headers['content-length'] ?? 0);
  try {
    for await (const part of partsOf(request)) {
      if (part.type === 'field') fields.push([part.fieldname, typeof part.value === 'string' ? part.value : '']);
      else if (part.fieldname !== 'file') throw wrongPart(part.fieldname);
      else files.push(await read(await readPart(part, announced, form)));
    }
  } catch (error) {
    dropRest(request);
    throw error;
  }
  if (files.length === 0)
    throw new DomainError('invalid', 'no_file', 'There is no file', {
      errors: [{ pointer: '/file', detail: 'at least one part named "file" is needed' }],
    });
  return { fields, files };
};

/** Nobody reads on in a form that is refused: its sender would wait for ever to get rid of the rest. */
const dropRest = ({ raw }: FastifyRequest): void => {
  raw.unpipe();
  raw.resume();
};

/** What the parser of forms finds wrong has no status of its own, when it is the end of the form that is missing. */
async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  try {
    yield* request.parts() as AsyncIterable<Multipart>;
  } catch (error) {
    if (typeof (error as { statusCode?: unknown }).statusCode === 'number') throw error;
    throw new DomainError('malformed', 'malformed_form', `The form cannot be read: ${(error as Error).message}`);
  }
}

const wrongPart = (name: string): DomainError =>
  new DomainError('invalid', 'validation_failed', 'Some fields are not valid', {
    errors: [{ pointer: `/${name}`, detail: 'is no file field: files come in parts named "file"' }],
  });
