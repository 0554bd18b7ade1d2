import { Injectable, Logger } from '@nestjs/common';
import { AuditService, type Principal, systemActor } from '../auth/index.js';
import { Clock, type Scope, systemScope } from '../common/index.js';
import { TestsRepository, type StoredTest } from '../executions/index.js';
import { type Project, ProjectsService } from '../projects/index.js';
import { AssessmentsService, type AssessedTest } from '../quality/index.js';
import {
  DEFAULT_POLICY,
  isStableAgain,
  type PolicyPlan,
  planPolicy,
  type Quarantine,
  type QuarantinePolicy,
  type QuarantineState,
} from './domain/quarantine.js';
import { QuarantinePoliciesRepository, type StoredPolicy } from './persistence/quarantine-policies.repository.js';
import { QuarantinesRepository } from './persistence/quarantines.repository.js';
import { QuarantineService } from './quarantine.service.js';

const DAY_MS = 86_400_000;
const HISTORY_DAYS = 30;
const OVERDUE_BATCH = 500;

/** What a policy would do, and does. */
export interface PolicyOutlook {
  readonly plan: PolicyPlan<AssessedTest>;
  /** In quarantine and stable again. */
  readonly stable: readonly Quarantine[];
  readonly active: number;
  readonly asOf: number;
  /** Names of the tests of the plan, by number. */
  readonly names: ReadonlyMap<number, StoredTest>;
}

export interface SweepResult {
  readonly added: number;
  readonly expired: number;
  readonly stable: number;
}

/** Quarantine by policy. It decides from what is stored, so a sweep that is missed is made up for by the next. */
@Injectable()
export class QuarantinePolicyService {
  private readonly logger = new Logger(QuarantinePolicyService.name);

  constructor(
    private readonly policies: QuarantinePoliciesRepository,
    private readonly quarantines: QuarantinesRepository,
    private readonly quarantine: QuarantineService,
    private readonly assessments: AssessmentsService,
    private readonly projects: ProjectsService,
    private readonly tests: TestsRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** The policy of a project; the default one, which is off, where nobody has set any. */
  async get(scope: Scope, projectKey: string): Promise<QuarantinePolicy & Partial<StoredPolicy>> {
    const { id } = await this.projects.findByKey(scope, projectKey);
    return (await this.policies.find(scope, id)) ?? DEFAULT_POLICY;
  }

  async put(principal: Principal, projectKey: string, policy: QuarantinePolicy): Promise<StoredPolicy> {
    const project = await this.projects.findByKey(principal.scope, projectKey);
    const stored = { ...policy, updatedBy: principal.subject, updatedAt: this.clock.now() };
    await this.policies.put(principal.scope, project, stored);
    const target = { type: 'quarantine_policy', id: project.key, projectKey: project.key };
    await this.audit.record(principal, 'quarantine_policy.updated', target, { ...policy });
    return stored;
  }

  /** What the policy would do now; nothing is changed. Fields left out are those of the stored policy. */
  async preview(scope: Scope, projectKey: string, changes: Partial<QuarantinePolicy>): Promise<PolicyOutlook> {
    const project = await this.projects.findByKey(scope, projectKey);
    const stored = (await this.policies.find(scope, project.id)) ?? DEFAULT_POLICY;
    return this.outlook(scope, project, { ...stored, ...changes });
  }

  /** Ends what is over and applies the policies, everywhere. */
  async sweep(): Promise<SweepResult> {
    const expired = await this.endOverdue();
    let [added, stable] = [0, 0];
    for (const { organization, projectId } of await this.projectsToSweep()) {
      const done = await this.guarded(projectId, () => this.applyTo(systemScope(organization), projectId));
      added += done?.added ?? 0;
      stable += done?.stable ?? 0;
    }
    return { added, expired, stable };
  }

  /** One project that cannot be swept must not keep the others from it. */
  private async guarded<T>(projectId: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.logger.error({ err: error, projectId }, 'the quarantines of a project could not be swept');
      return undefined;
    }
  }

  private async applyTo(scope: Scope, projectId: string): Promise<Omit<SweepResult, 'expired'> | undefined> {
    const [project] = await this.projects.getByIds(scope, [projectId]);
    return project && this.apply(scope, project);
  }

  private async projectsToSweep(): Promise<readonly { readonly organization: string; readonly projectId: string }[]> {
    const [active, enabled] = await Promise.all([this.quarantines.projectsWithActive(), this.policies.enabled()]);
    return [...new Map([...active, ...enabled].map((one) => [one.projectId, one])).values()];
  }

  private async endOverdue(): Promise<number> {
    let ended = 0;
    for (;;) {
      const overdue = await this.quarantines.overdue(this.clock.now(), OVERDUE_BATCH);
      for (const one of overdue) {
        const { organization } = one;
        if (await this.quarantine.end(systemActor(organization), systemScope(organization), one, 'expired')) ended++;
      }
      if (overdue.length < OVERDUE_BATCH) return ended;
    }
  }

  private async apply(scope: Scope, project: Project): Promise<Omit<SweepResult, 'expired'>> {
    const policy = (await this.policies.find(scope, project.id)) ?? DEFAULT_POLICY;
    const { plan, stable, names } = await this.outlook(scope, project, policy);
    const actor = systemActor(project.organization);
    let [added, ended] = [0, 0];
    for (const one of stable) if (await this.quarantine.end(actor, scope, one, 'stable')) ended++;
    if (!policy.enabled) return { added, stable: ended };
    const expiresAt = new Date(this.clock.now().getTime() + policy.expireDays * DAY_MS);
    for (const { number, assessment } of plan.add) {
      const test = names.get(number);
      if (!test) continue;
      const reason = `${assessment.label} flaky: ${percent(assessment.flakiness.mean)} [${percent(assessment.flakiness.low)}, ${percent(assessment.flakiness.high)}]`;
      const entry = { reason, owner: 'policy', origin: 'policy' as const, expiresAt };
      if (await this.quarantine.put(actor, scope, test, entry)) added++;
    }
    return { added, stable: ended };
  }

  private async outlook(scope: Scope, project: Project, policy: QuarantinePolicy): Promise<PolicyOutlook> {
    const now = this.clock.now();
    const range = {
      from: new Date(now.getTime() - HISTORY_DAYS * DAY_MS),
      to: new Date(now.getTime() + DAY_MS),
      timeZone: 'UTC',
    };
    const [assessment, active, lastEnds, { canonical }] = await Promise.all([
      this.assessments.assess(scope, { filter: { projects: [project.key] }, range: wholeDays(range) }),
      this.quarantines.active(scope, [project.id], now),
      this.quarantines.lastEnds(scope, project.id),
      this.assessments.definitionsOf(scope, [project]),
    ]);
    // a test that was renamed since is assessed under its present name
    const presentOf = (number: number): number => canonical(project.id, number);
    const byNumber = new Map(assessment.tests.map((test) => [test.number, test]));
    const stable = active.filter(({ number, createdAt }) => {
      const history = byNumber.get(presentOf(number))?.history;
      return history !== undefined && isStableAgain(history, createdAt.getTime(), policy.stableAfterRuns);
    });
    const state = stateWithout(stable, { active, lastEnds, presentOf, now });
    const plan = planPolicy(assessment.tests, policy, state);
    const numbers = [...plan.add, ...plan.skipped.map(({ test }) => test)].map(({ number }) => number);
    const names = await this.tests.byNumbers(project.id, numbers);
    return { plan, stable, active: active.length, asOf: assessment.asOf, names };
  }
}

/** What is in quarantine and was, by the present numbers of tests, once the stable ones are out. */
const stateWithout = (
  stable: readonly Quarantine[],
  known: {
    readonly active: readonly Quarantine[];
    readonly lastEnds: ReadonlyMap<number, number>;
    readonly presentOf: (number: number) => number;
    readonly now: Date;
  },
): QuarantineState => {
  const { active, lastEnds, presentOf, now } = known;
  const lastEndedAt = new Map<number, number>();
  for (const [number, at] of lastEnds)
    lastEndedAt.set(presentOf(number), Math.max(lastEndedAt.get(presentOf(number)) ?? -Infinity, at));
  // what is let out now has no evidence since
  for (const { number } of stable) lastEndedAt.set(presentOf(number), now.getTime());
  const staying = active.filter((one) => !stable.includes(one));
  return { active: new Set(staying.map(({ number }) => presentOf(number))), lastEndedAt };
};

/** So that the assessment of a window is found again as long as its data stand. */
const wholeDays = ({ from, to, timeZone }: { from: Date; to: Date; timeZone: string }) => ({
  from: new Date(Math.floor(from.getTime() / DAY_MS) * DAY_MS),
  to: new Date(Math.floor(to.getTime() / DAY_MS) * DAY_MS),
  timeZone,
});

const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`;
