import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AuditService, systemActor } from '../auth/index.js';
import { Clock, systemScope } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { type Project, ProjectsService } from '../projects/index.js';
import { CommitHookRegistry } from './commit-hook.registry.js';
import { EXECUTIONS_OPTIONS, type ExecutionsOptions } from './executions.options.js';
import { RunsRepository } from './persistence/runs.repository.js';
import { Periodic } from './periodic.js';
import { RunRemover } from './run-remover.js';

const DAY_MS = 86_400_000;
const BATCH = 100;

/**
 * Removes the results of runs that are older than their project keeps them. The figures stay: the runs' summaries are
 * frozen first. Works from what is stored, so a sweep that is missed is made up for by the next.
 */
@Injectable()
export class RetentionService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(RetentionService.name);
  private readonly periodic = new Periodic(
    () => this.sweep(),
    (error) => this.logger.error({ err: error }, 'retention failed'),
  );

  constructor(
    private readonly projects: ProjectsService,
    private readonly runs: RunsRepository,
    private readonly remover: RunRemover,
    private readonly hooks: CommitHookRegistry,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    @Inject(EXECUTIONS_OPTIONS) private readonly options: ExecutionsOptions,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'api' && this.options.retentionEveryMs > 0)
      this.periodic.start(this.options.retentionEveryMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.periodic.stop();
  }

  /** @returns how many runs have expired */
  async sweep(): Promise<number> {
    if (!this.hooks.isReady()) return 0;
    let expired = 0;
    for (const organization of await this.runs.organizations())
      for (const project of await this.projects.resolve(systemScope(organization)))
        await this.guarded(project, async () => (expired += await this.sweepProject(project)));
    return expired;
  }

  private async sweepProject(project: Project): Promise<number> {
    if (project.retentionDays === undefined) return 0;
    const before = new Date(this.clock.now().getTime() - project.retentionDays * DAY_MS);
    const kept = new Set<string>();
    let expired = 0;
    // a project where nothing can be removed is given up until the next sweep
    while (kept.size < BATCH) {
      const found = await this.runs.startedBefore(project.id, before, BATCH + kept.size);
      const runIds = found.filter((id) => !kept.has(id));
      if (runIds.length === 0) break;
      for (const runId of runIds)
        if (await this.guarded(project, () => this.remover.remove(runId, 'expired'), runId)) expired++;
        else kept.add(runId);
    }
    if (expired > 0) await this.record(project, expired, before);
    return expired;
  }

  /** What fails in one project, or with one run, must not keep the others from it. */
  private async guarded<T>({ key }: Project, work: () => Promise<T>, runId?: string): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.error({ err: error, projectKey: key, runId }, 'retention failed; it goes on with what comes next');
      return undefined;
    }
  }

  private async record(project: Project, runs: number, before: Date): Promise<void> {
    const target = { type: 'project', id: project.key, projectKey: project.key };
    await this.audit.record(systemActor(project.organization), 'runs.expired', target, { runs, before });
  }
}
