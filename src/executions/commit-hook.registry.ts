import { Injectable } from '@nestjs/common';
import { DomainError } from '../common/index.js';
import type { CommitHook } from './domain/model.js';

/**
 * Where the read model puts its hook (in its `onModuleInit`), since it imports this feature and not the other way round.
 * Until then nothing is taken in: an answer of 2xx promises that reports contain what was sent.
 */
@Injectable()
export class CommitHookRegistry {
  private hook: CommitHook | undefined;

  register(hook: CommitHook): void {
    this.hook = hook;
  }

  isReady(): boolean {
    return this.hook !== undefined;
  }

  /** @throws DomainError 503 `starting` */
  require(): CommitHook {
    if (this.hook) return this.hook;
    throw new DomainError('unavailable', 'starting', 'The service is starting', { retryAfterSeconds: 2 });
  }
}
