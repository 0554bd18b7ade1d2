import { Injectable } from '@nestjs/common';
import { FreshReads, scopeKey, type Scope } from '../common/index.js';

/** Ids of the tests in quarantine among some projects. */
export type FindQuarantined = (scope: Scope, projectIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** Quarantine lives in a feature that builds on this one: it says here how to ask for it. */
@Injectable()
export class QuarantineLookup {
  private readonly known = new FreshReads<ReadonlySet<string>>();
  private find: FindQuarantined = () => Promise.resolve(new Set());

  /** A change of quarantine must append a `definition` commit, so that figures are computed again. */
  register(find: FindQuarantined): void {
    this.find = find;
  }

  quarantined(scope: Scope, projectIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.known.get(`${scopeKey(scope)} ${projectIds.join()}`, () => this.find(scope, projectIds));
  }
}
