import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { type Commit, CommitFollowers, type Follower } from '../../executions/index.js';
import { ProjectsService } from '../../projects/index.js';
import { systemScope } from '../../common/index.js';
import type { AlertRule } from '../domain/rule.js';
import { RulesRepository } from '../persistence/rules.repository.js';
import { Evaluator } from './evaluator.service.js';

const FOLLOWER = 'alerts';
const LEASE_MS = 60_000;
const DUE_AT_ONCE = 500;

/** Evaluates rules when runs come in, and when their time has come. Both repeat themselves after a crash. */
@Injectable()
export class EvaluationLoops implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private follower: Follower | undefined;

  constructor(
    private readonly rules: RulesRepository,
    private readonly projects: ProjectsService,
    private readonly evaluator: Evaluator,
    private readonly followers: CommitFollowers,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    this.follower = this.followers.follow({
      name: FOLLOWER,
      from: 'now',
      handle: (commits) => this.onCommits(commits),
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.follower?.stop();
  }

  /** Evaluates the rules that the projects of some commits concern, once for all of them. */
  async onCommits(commits: readonly Commit[]): Promise<void> {
    const touched = new Map<string, Set<string>>();
    for (const { organization, projectId } of commits)
      touched.set(organization, (touched.get(organization) ?? new Set()).add(projectId));
    for (const [organization, projectIds] of touched) {
      const projects = await this.projects.getByIds(systemScope(organization), [...projectIds]);
      const rules = await this.rules.onIngest(
        organization,
        projects.map(({ key }) => key),
      );
      await this.evaluator.evaluate(organization, rules, this.clock.now());
    }
  }

  /** Evaluates the rules whose time has come. @returns how many */
  async sweep(): Promise<number> {
    const now = this.clock.now();
    const due = await this.rules.claimDue(now, LEASE_MS, DUE_AT_ONCE);
    const byOrganization = new Map<string, AlertRule[]>();
    for (const rule of due)
      byOrganization.set(rule.organization, [...(byOrganization.get(rule.organization) ?? []), rule]);
    for (const [organization, rules] of byOrganization) await this.evaluator.evaluate(organization, rules, now);
    return due.length;
  }
}
