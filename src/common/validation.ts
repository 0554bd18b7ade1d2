import { Readable } from 'node:stream';
import { type ArgumentMetadata, ValidationPipe, type ValidationError } from '@nestjs/common';
import { DomainError, type FieldProblem } from './errors.js';

const escapePointer = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');

/** Flattens class-validator's tree into RFC 6901 pointers. */
export const fieldProblems = (errors: readonly ValidationError[], parent = ''): FieldProblem[] =>
  errors.flatMap((error) => {
    const pointer = `${parent}/${escapePointer(error.property)}`;
    const own = Object.values(error.constraints ?? {}).map((detail) => ({ pointer, detail }));
    return [...own, ...fieldProblems(error.children ?? [], pointer)];
  });

/** What a parser makes; a stream or an uploaded file is left alone. */
const isPlain = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null));

/** The pointer of the first own key `constructor`; class-transformer would call what stands there. */
const constructorKey = (value: unknown, pointer = ''): string | undefined => {
  if (!isPlain(value)) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const at = `${pointer}/${escapePointer(key)}`;
    const found = key === 'constructor' ? at : constructorKey(member, at);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * XML, CSV and the like come as streams, for the routes that read them: to copy one member by member ends the process.
 * @throws DomainError 415
 */
export const refuseStream = (body: unknown): void => {
  if (body instanceof Readable)
    throw new DomainError('unsupported_media', 'unsupported_media_type', 'A JSON document is expected');
};

class ProblemValidationPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    refuseStream(value);
    const pointer = metadata.type === 'body' || metadata.type === 'query' ? constructorKey(value) : undefined;
    if (pointer === undefined) return (await super.transform(value, metadata)) as unknown;
    const errors = [{ pointer, detail: 'This key is not allowed' }];
    throw new DomainError('invalid', 'validation_failed', 'Some fields are not valid', { errors });
  }
}

/** The pipe of the whole API: unknown fields are refused, each problem has its pointer. */
export const createValidationPipe = (): ValidationPipe =>
  new ProblemValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: false,
    exceptionFactory: (errors) =>
      new DomainError('invalid', 'validation_failed', 'Some fields are not valid', { errors: fieldProblems(errors) }),
  });

/**
 * Reads a value that is no whole body, such as the options of a job or widget, as strictly as the pipe reads bodies.
 * @param pointer where the value stands in the request; the pointers of the problems begin with it
 * @throws DomainError 422 `validation_failed`
 */
export const readDto = async <T extends object>(type: new () => T, value: unknown, pointer = ''): Promise<T> => {
  try {
    if (!isPlain(value) || Array.isArray(value))
      throw new DomainError('invalid', 'validation_failed', 'Some fields are not valid', {
        errors: [{ pointer: '', detail: 'must be an object' }],
      });
    return (await READER.transform(value, { type: 'body', metatype: type })) as T;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const errors = error.errors.map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
    throw new DomainError(error.kind, error.code, error.message, { errors });
  }
};

const READER = createValidationPipe();
