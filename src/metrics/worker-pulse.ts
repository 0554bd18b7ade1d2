import { Injectable, Logger } from '@nestjs/common';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { AppConfig } from '../config/index.js';

const EVERY_MS = 5_000;

/**
 * The worker has no port that could be asked how it is: while its work goes on it renews a file in DATA_DIR, and the
 * check of its container looks how old that is (docker-compose.yml). DATA_DIR may be shared, so the host is in the name.
 */
@Injectable()
export class WorkerPulse {
  private readonly logger = new Logger(WorkerPulse.name);
  private readonly file: string;
  private beatAt = Number.NEGATIVE_INFINITY;
  private hasFailed = false;

  constructor(private readonly config: AppConfig) {
    this.file = join(config.dataDir, `worker.${hostname()}.alive`);
  }

  /** Cheap enough for every turn of a loop. A folder that takes no files stops nothing: it is said once. */
  async beat(): Promise<void> {
    const now = performance.now();
    if (now - this.beatAt < EVERY_MS) return;
    this.beatAt = now;
    try {
      await mkdir(this.config.dataDir, { recursive: true });
      await writeFile(this.file, `${process.pid}\n`);
    } catch (error) {
      if (!this.hasFailed) this.logger.warn({ err: error }, 'the sign of life for health checks cannot be written');
      this.hasFailed = true;
    }
  }

  async end(): Promise<void> {
    await rm(this.file, { force: true }).catch(() => undefined);
  }
}
