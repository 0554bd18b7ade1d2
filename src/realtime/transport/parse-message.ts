import type { Type } from '@nestjs/common';
import { createValidationPipe } from '../../common/index.js';

const pipe = createValidationPipe();

/**
 * What a client sent, as the DTO says it must be.
 * @throws DomainError 422 `validation_failed` with a pointer for each field
 */
export const parseMessage = async <T extends object>(metatype: Type<T>, body: unknown): Promise<T> =>
  (await pipe.transform(body ?? {}, { type: 'body', metatype })) as T;
