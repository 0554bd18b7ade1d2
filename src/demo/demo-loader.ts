import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock, failpoint } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { RunsService } from '../executions/index.js';
import { ProjectsService } from '../projects/index.js';
import { DemoDashboards } from './demo-dashboards.js';
import { DemoExamples } from './demo-examples.js';
import { demoPrincipal } from './demo-principal.js';
import { type Demo, DEMO_PROJECT, type DemoRun, generateDemo } from './domain/generate-demo.js';
import { type DemoLoad, DemoLoadsRepository, type DemoPlan } from './persistence/demo-loads.repository.js';
import { showProgress } from './progress.js';

const SEED = 1;
const DAYS = 365;
/** Runs on their way at once: their database work overlaps. */
const AT_ONCE = 4;
/** A killed loader's claim ends after so long; a living one renews it many times. */
const CLAIM_MS = 10_000;
const ASK_AGAIN_MS = 1_000;

export type DemoOutcome = 'not wanted' | 'not empty' | 'loaded' | 'already there' | 'stopped';

/**
 * Fills an empty database with the demo, through the same door as a client's runs. One process does it at a time; when it
 * is killed, the next one goes on where it was (runs are idempotent, so the overlap does not matter).
 */
@Injectable()
export class DemoLoader implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Demo');
  private readonly owner = randomUUID();
  private readonly stopping = new AbortController();
  private working: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly loads: DemoLoadsRepository,
    private readonly runs: RunsService,
    private readonly projects: ProjectsService,
    private readonly dashboards: DemoDashboards,
    private readonly examples: DemoExamples,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Not in the API's process, and without keeping its start waiting. */
  onApplicationBootstrap(): void {
    if (this.config.role === 'api' || this.config.demo !== 'on') return;
    this.working = this.load().catch((error: unknown) => this.logger.error(error, 'the demo could not be loaded'));
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  /** Resolves when the demo is in the database, whoever brought it there, or when it must not be. */
  async load(plan: DemoPlan = { seed: SEED, days: DAYS, now: this.clock.now() }): Promise<DemoOutcome> {
    let known = await this.loads.find();
    if (known === undefined && !(await this.loads.isDatabaseEmpty())) {
      // what is there may be of the demo that another process has begun since the first look
      known = await this.loads.find();
      if (known === undefined) return 'not empty';
    }
    if (known === undefined && (await this.loads.begin(plan, this.owner, this.claimEnd())))
      return this.fill({ ...plan, done: 0 });
    return this.awaitOthers();
  }

  private async awaitOthers(): Promise<DemoOutcome> {
    while (!this.stopping.signal.aborted) {
      const load = await this.loads.find();
      if (load === undefined || load.state === 'removed') return 'not wanted';
      if (load.state === 'loaded') return 'already there';
      const taken = await this.loads.takeOver(this.owner, this.clock.now(), this.claimEnd());
      if (taken !== undefined) return this.fill(taken);
      await sleep(ASK_AGAIN_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
    return 'stopped';
  }

  private async fill(load: DemoPlan & Pick<DemoLoad, 'done'>): Promise<DemoOutcome> {
    await this.createProject();
    await this.dashboards.ensure();
    const demo = generateDemo(load);
    const progress = showProgress('Loading the demo year', demo.truth.runs);
    try {
      return await this.sendAll(demo, load.done, (done) => progress.to(done));
    } finally {
      progress.stop();
    }
  }

  private async sendAll(demo: Demo, alreadyDone: number, report: (done: number) => void): Promise<DemoOutcome> {
    let done = 0;
    for (const chunk of chunksOf(demo.runs, AT_ONCE)) {
      const isKnown = done + chunk.length <= alreadyDone;
      done += chunk.length;
      if (isKnown) continue;
      if (this.stopping.signal.aborted) return 'stopped';
      await Promise.all(chunk.map((run) => this.send(run)));
      failpoint('demo-chunk-loaded');
      if (!(await this.loads.advance(this.owner, done, this.claimEnd()))) return this.awaitOthers();
      report(done);
    }
    await this.examples.ensure();
    return (await this.loads.finish(this.owner)) ? 'loaded' : this.awaitOthers();
  }

  private async send({ run, results }: DemoRun): Promise<void> {
    const key = { externalId: run.externalId ?? '' };
    await this.runs.create(demoPrincipal(), { metadata: run, rows: results, onInvalid: 'fail', key });
  }

  private async createProject(): Promise<void> {
    const [known] = (await this.projects.resolve(demoPrincipal().scope)).filter(({ key }) => key === DEMO_PROJECT);
    if (known !== undefined) return;
    await this.projects.create(demoPrincipal(), {
      key: DEMO_PROJECT,
      name: 'Demo shop',
      description: 'A generated year of test results; `npm run demo:remove` takes it away',
      team: 'shop',
      timeZone: 'UTC',
    });
  }

  private claimEnd(): Date {
    return new Date(this.clock.now().getTime() + CLAIM_MS);
  }
}

function* chunksOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
