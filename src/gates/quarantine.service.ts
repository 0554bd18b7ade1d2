import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type AuditActor, AuditService, type Principal, systemActor } from '../auth/index.js';
import { Clock, compareText, DomainError, invalid, notFound, type Page, type Scope } from '../common/index.js';
import { CommitLog, type StoredTest, TestsRepository } from '../executions/index.js';
import { ProjectsService } from '../projects/index.js';
import { DefinitionsService, QuarantineLookup, withAllNames } from '../quality/index.js';
import type { EndReason, Quarantine, QuarantinedTest } from './domain/quarantine.js';
import { type QuarantineFilter, QuarantinesRepository } from './persistence/quarantines.repository.js';

export interface QuarantineRequest {
  readonly testId: string;
  readonly reason: string;
  readonly owner: string;
  readonly expiresAt: Date;
}

const LONGEST_DAYS = 365;
const DAY_MS = 86_400_000;

/** Tests whose failures do not count in gates, each for a while and for a reason. What has ended is kept. */
@Injectable()
export class QuarantineService implements OnModuleInit {
  constructor(
    private readonly quarantines: QuarantinesRepository,
    private readonly tests: TestsRepository,
    private readonly projects: ProjectsService,
    private readonly log: CommitLog,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly lookup: QuarantineLookup,
    private readonly definitions: DefinitionsService,
  ) {}

  onModuleInit(): void {
    this.lookup.register(async (scope, projectIds) => {
      const active = await this.quarantines.active(scope, projectIds, this.clock.now());
      return new Set(active.map(({ testId }) => testId));
    });
  }

  /** @throws DomainError 404 for a test that is not the caller's, 409 `already_quarantined`, 422 for a wrong time */
  async add(principal: Principal, request: QuarantineRequest): Promise<Quarantine> {
    const now = this.clock.now();
    assertExpiry(request.expiresAt, now);
    const [test] = await this.tests.findByIds(principal.scope, [request.testId]);
    if (!test) throw notFound('Test');
    const { reason, owner, expiresAt } = request;
    const entry = { reason, owner, expiresAt, origin: 'manual' as const };
    const added = await this.put(principal, principal.scope, test, entry);
    if (added) return added;
    throw new DomainError('conflict', 'already_quarantined', 'The test is in quarantine already');
  }

  /** Puts a test into quarantine; undefined where it is there already. */
  async put(
    actor: AuditActor,
    scope: Scope,
    test: StoredTest,
    entry: Pick<Quarantine, 'reason' | 'owner' | 'expiresAt' | 'origin'>,
  ): Promise<Quarantine | undefined> {
    await this.endOverdueOf(scope, test);
    const { projectId, projectKey, testId, number, suite, name, file, parameters } = test;
    const added = await this.quarantines.insert(scope, {
      ...{ projectId, projectKey, testId, number, suite, name },
      ...(file !== undefined && { file }),
      ...(parameters && { parameters }),
      ...entry,
      createdBy: actor.subject,
      createdAt: this.clock.now(),
    });
    if (!added) return undefined;
    const { reason, owner, expiresAt, origin } = entry;
    await this.changed(actor, 'quarantine.added', added, { testId, suite, name, reason, owner, expiresAt, origin });
    return added;
  }

  list(scope: Scope, filter: QuarantineFilter, limit: number, cursor?: string): Promise<Page<Quarantine>> {
    return this.quarantines.list(scope, filter, this.clock.now(), limit, cursor);
  }

  /** Lets a test out. @throws DomainError 404; 409 `quarantine_ended` */
  async lift(principal: Principal, quarantineId: string): Promise<void> {
    const found = await this.quarantines.find(principal.scope, quarantineId);
    if (!found) throw notFound('Quarantine');
    if (await this.end(principal, principal.scope, found, 'lifted')) return;
    throw new DomainError('conflict', 'quarantine_ended', 'The quarantine had ended already');
  }

  /** false where it had ended. */
  async end(actor: AuditActor, scope: Scope, quarantine: Quarantine, reason: EndReason): Promise<boolean> {
    const end = { at: this.clock.now(), reason, by: actor.subject };
    const ended = await this.quarantines.end(scope, quarantine.quarantineId, end);
    if (!ended) return false;
    const { testId, suite, name } = ended;
    await this.changed(actor, 'quarantine.ended', ended, { testId, suite, name, reason });
    return true;
  }

  /**
   * What a test runner skips or tolerates now, by suite and name. One that was renamed stands there under all its names:
   * which of them a runner meets depends on the branch that it is at.
   */
  async activeOf(scope: Scope, project: string): Promise<readonly QuarantinedTest[]> {
    const { id } = await this.projects.findByKey(scope, project);
    const active = await this.quarantines.active(scope, [id], this.clock.now());
    if (active.length === 0) return [];
    const { aliases } = await this.definitions.of(scope, [id]);
    const ends = new Map<string, Date>();
    for (const { testId, expiresAt } of active)
      for (const name of withAllNames([testId], aliases))
        if (expiresAt > (ends.get(name) ?? 0)) ends.set(name, expiresAt);
    const others = [...ends.keys()].filter((name) => active.every(({ testId }) => testId !== name));
    return [...active, ...(await this.tests.findByIds(scope, others))]
      .map((test) => ({ ...test, expiresAt: ends.get(test.testId)! }))
      .sort((a, b) => compareText(a.suite, b.suite) || compareText(a.name, b.name));
  }

  /** Numbers of the tests of a project that are in quarantine now. */
  async activeNumbers(scope: Scope, projectId: string): Promise<ReadonlySet<number>> {
    const active = await this.quarantines.active(scope, [projectId], this.clock.now());
    return new Set(active.map(({ number }) => number));
  }

  /** One whose time is up but that no sweep has seen yet must not bar the next. */
  private async endOverdueOf(scope: Scope, { testId, projectKey }: StoredTest): Promise<void> {
    const now = this.clock.now();
    const { items } = await this.quarantines.list(scope, { testId, project: projectKey }, now, 1);
    const [newest] = items;
    if (newest && newest.endedAt === undefined && newest.expiresAt <= now)
      await this.end(systemActor(scope.organization), scope, newest, 'expired');
  }

  /** Figures that leave quarantined tests out are computed again: the data version moves on. */
  private async changed(
    actor: AuditActor,
    action: string,
    { quarantineId, projectId, projectKey }: Quarantine,
    details: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { organization } = actor;
    await this.log.append({ organization, projectId, kind: 'definition', days: [], at: this.clock.now() });
    await this.audit.record(actor, action, { type: 'quarantine', id: quarantineId, projectKey }, details);
  }
}

const assertExpiry = (expiresAt: Date, now: Date): void => {
  const days = (expiresAt.getTime() - now.getTime()) / DAY_MS;
  if (days > 0 && days <= LONGEST_DAYS) return;
  throw invalid('validation_failed', 'Some fields are not valid', [
    { pointer: '/expiresAt', detail: `must lie in the future, at most ${LONGEST_DAYS} days from now` },
  ]);
};
