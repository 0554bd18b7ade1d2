import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, scopeKey, type Scope } from '../../common/index.js';
import { CommitLog } from '../../executions/index.js';
import { MetricsService } from '../../metrics/index.js';
import type { OutageDecisions } from '../assessments/assessment.js';
import { canonicalNumbers, type CanonicalNumber, type OutageDecision, type TestAlias } from './definition.js';
import { OutageDecisionsRepository } from './outage-decisions.repository.js';
import { TestAliasesRepository } from './test-aliases.repository.js';

/** What people defined for some projects, as the assessments need it. */
export interface Definitions {
  readonly aliases: readonly TestAlias[];
  readonly canonical: CanonicalNumber;
  readonly decisions: readonly OutageDecision[];
  readonly outages: OutageDecisions;
  /** Differs whenever any of them does: part of cache keys. */
  readonly fingerprint: string;
}

/** For a change whose process died before it could append its commit. */
const MOST_AGE_MS = 10_000;

/** Aliases of tests and decisions about outages. */
@Injectable()
export class DefinitionsService {
  private readonly known = new LRUCache<string, Promise<Definitions>>({ max: 200, ttl: MOST_AGE_MS });

  constructor(
    private readonly aliases: TestAliasesRepository,
    private readonly decisions: OutageDecisionsRepository,
    private readonly log: CommitLog,
    private readonly metrics: MetricsService,
    private readonly clock: Clock,
  ) {}

  /** Read again when a `definition` commit says that they have changed. */
  async of(scope: Scope, projectIds: readonly string[]): Promise<Definitions> {
    const key = `${scopeKey(scope)} ${projectIds.join()} ${await this.metrics.definedAt(projectIds)}`;
    const known = this.known.get(key);
    if (known) return known;
    const read = this.read(scope, projectIds);
    this.known.set(key, read);
    read.catch(() => this.known.delete(key));
    return read;
  }

  /** Moves the data version of a project on: everything that was computed before is computed again. */
  async changed(organization: string, projectId: string): Promise<number> {
    return this.log.append({ organization, projectId, kind: 'definition', days: [], at: this.clock.now() });
  }

  private async read(scope: Scope, projectIds: readonly string[]): Promise<Definitions> {
    const [aliases, decisions] = await Promise.all([
      this.aliases.ofProjects(scope, projectIds),
      this.decisions.ofProjects(scope, projectIds),
    ]);
    return {
      aliases,
      canonical: canonicalNumbers(aliases),
      decisions,
      outages: {
        excluded: new Set(decisions.filter(({ excluded }) => excluded).map(({ runId }) => runId)),
        putBack: new Set(decisions.filter(({ excluded }) => !excluded).map(({ runId }) => runId)),
      },
      fingerprint: fingerprintOf(aliases, decisions),
    };
  }
}

const fingerprintOf = (aliases: readonly TestAlias[], decisions: readonly OutageDecision[]): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        aliases.map(({ pastTestId, testId }) => `${pastTestId}>${testId}`).sort(),
        decisions.map(({ runId, excluded }) => `${runId}${excluded ? '-' : '+'}`).sort(),
      ]),
    )
    .digest('base64url');
