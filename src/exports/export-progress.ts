import { Injectable } from '@nestjs/common';
import type { ExportJob } from './domain/export-job.js';

type Listener = (job: Pick<ExportJob, 'jobId' | 'organization'>) => void;

/** Says that a job has moved; who listens reads the job itself, so what is lost is only a moment. */
@Injectable()
export class ExportProgress {
  private readonly listeners = new Set<Listener>();

  /** @returns ends the listening */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  announce({ jobId, organization }: Pick<ExportJob, 'jobId' | 'organization'>): void {
    for (const listener of this.listeners) listener({ jobId, organization });
  }
}
