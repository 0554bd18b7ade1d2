import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, systemScope } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { applyInput } from '../domain/plan-changes.js';
import { AlertWriter, ChangedMeanwhile } from '../evaluation/alert-writer.service.js';
import { EvaluationLoops } from '../evaluation/evaluation-loops.js';
import { Orphans } from '../evaluation/orphans.service.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { RulesRepository } from '../persistence/rules.repository.js';
import { AlertRetention } from './alert-retention.js';
import { Escalator } from './escalator.service.js';
import { Notifier } from './notifier.service.js';

const EVERY_MS = 1_000;
const WAKE_AT_ONCE = 200;

/**
 * Once a second, in the worker: rules whose time has come, groups that have something to tell, escalations, lapsed acks;
 * and what is over for long goes.
 */
@Injectable()
export class AlertSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(AlertSweeper.name);
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly evaluations: EvaluationLoops,
    private readonly orphans: Orphans,
    private readonly notifier: Notifier,
    private readonly escalator: Escalator,
    private readonly retention: AlertRetention,
    private readonly alerts: AlertsRepository,
    private readonly rules: RulesRepository,
    private readonly writer: AlertWriter,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'api') this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.loop;
  }

  /** Everything that is due now; each part remembers in MongoDB how far it has got. */
  async sweep(): Promise<void> {
    await this.evaluations.sweep();
    await this.orphans.sweep(this.clock.now());
    await this.wake(this.clock.now());
    await this.notifier.sweep(this.clock.now());
    await this.escalator.sweep(this.clock.now());
    await this.retention.sweep(this.clock.now());
  }

  /** Acknowledgements and snoozes whose time is over end. */
  private async wake(now: Date): Promise<void> {
    for (const alert of await this.alerts.toWake(now, WAKE_AT_ONCE)) {
      const [rule] = await this.rules.findMany(systemScope(alert.organization), [alert.ruleId]);
      const change = rule && applyInput(rule, alert, { kind: 'tick' }, rule, now);
      if (change) await this.writer.write([change], now).catch(unlessChanged);
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      try {
        await this.sweep();
      } catch (error) {
        this.logger.error({ err: error }, 'a sweep of alerts failed; it goes on');
      }
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Whoever changed it has let time pass, too. */
const unlessChanged = (error: unknown): void => {
  if (!(error instanceof ChangedMeanwhile)) throw error;
};
