import { plainToInstance, type ClassConstructor } from 'class-transformer';
import { validate } from 'class-validator';
import { DomainError, fieldProblems, type FieldProblem, refuseStream } from '../../../common/index.js';
import { FinishRunDto } from './finish-run.dto.js';
import { RunMetadataDto } from './run.dto.js';

const refuse = (errors: readonly FieldProblem[]): never => {
  throw new DomainError('invalid', 'validation_failed', 'Some fields are not valid', { errors });
};

/** An optional field that is null was not sent. */
const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
};

export interface SplitBody {
  readonly metadata: Readonly<Record<string, unknown>>;
  /** undefined: none were sent. */
  readonly rows: readonly unknown[] | undefined;
}

/**
 * Takes the rows out of a body, which go through the compiled validator, and leaves the rest for class-validator.
 * @throws DomainError 422 when the body is no object, or `results` no list
 */
export const splitBody = (body: unknown): SplitBody => {
  refuseStream(body);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return refuse([{ pointer: '', detail: 'must be an object' }]);
  const { results, ...metadata } = body as Readonly<Record<string, unknown>>;
  if (results === undefined || results === null) return { metadata, rows: undefined };
  if (!Array.isArray(results)) return refuse([{ pointer: '/results', detail: 'must be an array' }]);
  return { metadata, rows: results as unknown[] };
};

/** class-transformer builds an object by its `constructor`: a key of that name must not reach it. */
const forbiddenKey = (value: unknown, pointer = ''): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const at = `${pointer}/${key}`;
    const found = key === 'constructor' || key === '__proto__' ? at : forbiddenKey(member, at);
    if (found !== undefined) return found;
  }
  return undefined;
};

const validated = async <T extends object>(type: ClassConstructor<T>, value: unknown): Promise<T> => {
  const forbidden = forbiddenKey(value);
  if (forbidden !== undefined) refuse([{ pointer: forbidden, detail: 'is not allowed as a key' }]);
  const instance = plainToInstance(type, withoutNulls(value));
  const problems = await validate(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  return problems.length > 0 ? refuse(fieldProblems(problems)) : instance;
};

/** @throws DomainError 422 with a pointer to each field that is wrong */
export const parseRunMetadata = async (value: unknown): Promise<RunMetadataDto> => {
  const metadata = await validated(RunMetadataDto, value);
  const { startedAt, finishedAt, build } = metadata;
  if (startedAt !== undefined && finishedAt !== undefined && Date.parse(finishedAt) < Date.parse(startedAt))
    refuse([{ pointer: '/finishedAt', detail: 'must not be before startedAt' }]);
  if (build?.shard !== undefined && build.shards !== undefined && build.shard > build.shards)
    refuse([{ pointer: '/build/shard', detail: 'must not be greater than shards' }]);
  return metadata;
};

/** @throws DomainError 422 with a pointer to each field that is wrong */
export const parseFinish = (body: unknown): Promise<FinishRunDto> => {
  if (body === undefined || body === null) return Promise.resolve({});
  const { metadata, rows } = splitBody(body);
  return rows === undefined
    ? validated(FinishRunDto, metadata)
    : refuse([{ pointer: '/results', detail: 'property results should not exist' }]);
};

/** @throws DomainError 422 for any member but `results` */
export const requireRows = (body: unknown): readonly unknown[] => {
  const { metadata, rows } = splitBody(body);
  const [unknown] = Object.keys(metadata);
  if (unknown !== undefined) refuse([{ pointer: `/${unknown}`, detail: `property ${unknown} should not exist` }]);
  return rows ?? refuse([{ pointer: '/results', detail: 'must be an array' }]);
};
