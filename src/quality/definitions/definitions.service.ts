import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, type Scope } from '../../common/index.js';
import { CommitLog } from '../../executions/index.js';
import type { OutageDecisions } from '../assessments/assessment.js';
import type { CanonicalNumber } from '../assessments/outcome-collector.js';
import { followAliases, type OutageDecision, type TestAlias } from './definition.js';
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

/** Aliases of tests and decisions about outages. */
@Injectable()
export class DefinitionsService {
  constructor(
    private readonly aliases: TestAliasesRepository,
    private readonly decisions: OutageDecisionsRepository,
    private readonly log: CommitLog,
    private readonly clock: Clock,
  ) {}

  async of(scope: Scope, projectIds: readonly string[]): Promise<Definitions> {
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

  /** Moves the data version of a project on: everything that was computed before is computed again. */
  async changed(organization: string, projectId: string): Promise<number> {
    return this.log.append({ organization, projectId, kind: 'definition', days: [], at: this.clock.now() });
  }
}

export const canonicalNumbers = (aliases: readonly TestAlias[]): CanonicalNumber => {
  if (aliases.length === 0) return (_, number) => number;
  const next = new Map<string, Map<number, number>>();
  for (const { projectId, pastNumber, number } of aliases) {
    const ofProject = next.get(projectId) ?? new Map<number, number>();
    next.set(projectId, ofProject.set(pastNumber, number));
  }
  return (projectId, number) => {
    const ofProject = next.get(projectId);
    return ofProject?.has(number) ? followAliases(ofProject, number) : number;
  };
};

const fingerprintOf = (aliases: readonly TestAlias[], decisions: readonly OutageDecision[]): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        aliases.map(({ pastTestId, testId }) => `${pastTestId}>${testId}`).sort(),
        decisions.map(({ runId, excluded }) => `${runId}${excluded ? '-' : '+'}`).sort(),
      ]),
    )
    .digest('base64url');
