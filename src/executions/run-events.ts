import { Injectable, Logger } from '@nestjs/common';
import { EventEmitter } from 'node:events';
import type { Commit } from './domain/model.js';

/** Something about a run is in the commit log. Ids only: whoever wants more reads it. */
export interface RunCommitted {
  readonly organization: string;
  readonly projectId: string;
  readonly runId: string;
  readonly kind: Exclude<Commit['kind'], 'definition'>;
  readonly position: number;
}

interface EventMap {
  'run-committed': [RunCommitted];
}

/** In-process hints, emitted after the commit. They may get lost: the commit log is what counts. */
@Injectable()
export class RunEvents {
  private readonly logger = new Logger(RunEvents.name);
  private readonly emitter = new EventEmitter<EventMap>();

  /** @returns how to stop listening */
  onRunCommitted(listener: (event: RunCommitted) => void): () => void {
    const guarded = (event: RunCommitted): void => {
      try {
        listener(event);
      } catch (error) {
        this.logger.error({ err: error, event }, 'a listener of run-committed failed');
      }
    };
    this.emitter.on('run-committed', guarded);
    return () => void this.emitter.off('run-committed', guarded);
  }

  emitRunCommitted(event: RunCommitted): void {
    this.emitter.emit('run-committed', event);
  }
}
