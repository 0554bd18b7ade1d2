import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { AttemptRecord } from './domain/model.js';

interface Entry {
  readonly generation: number;
  readonly attempts: readonly AttemptRecord[];
}

/** About 200 bytes each. */
const KEPT_ATTEMPTS = 200_000;

/**
 * Attempts of the runs that are coming in, so that the next batch of a run need not read the ones before. A generation
 * belongs to one holder of the lease, so what is kept for it is all that the run had.
 */
@Injectable()
export class AttemptsCache {
  private readonly runs = new LRUCache<string, Entry>({
    maxSize: KEPT_ATTEMPTS,
    sizeCalculation: ({ attempts }) => attempts.length + 1,
  });

  get(runId: string, generation: number): readonly AttemptRecord[] | undefined {
    const entry = this.runs.get(runId);
    return entry?.generation === generation ? entry.attempts : undefined;
  }

  put(runId: string, generation: number, attempts: readonly AttemptRecord[]): void {
    this.runs.set(runId, { generation, attempts });
  }

  drop(runId: string): void {
    this.runs.delete(runId);
  }
}
