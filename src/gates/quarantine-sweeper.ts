import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { QuarantinePolicyService } from './quarantine-policy.service.js';

const EVERY_MS = 60_000;

/** Applies quarantine policies in the worker. It remembers nothing: two workers only repeat each other. */
@Injectable()
export class QuarantineSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(QuarantineSweeper.name);
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly policies: QuarantinePolicyService,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'worker') this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      try {
        await this.policies.sweep();
      } catch (error) {
        this.logger.error({ err: error }, 'the sweep of quarantines failed; it goes on');
      }
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
