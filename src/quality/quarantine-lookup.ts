import { Injectable } from '@nestjs/common';
import { FreshReads, scopeKey, type Scope } from '../common/index.js';
import { withAllNames } from './definitions/definition.js';
import { DefinitionsService } from './definitions/definitions.service.js';

/** Ids of the tests in quarantine among some projects. */
export type FindQuarantined = (scope: Scope, projectIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** Quarantine lives in a feature that builds on this one: it says here how to ask for it. */
@Injectable()
export class QuarantineLookup {
  private readonly known = new FreshReads<ReadonlySet<string>>();
  private find: FindQuarantined = () => Promise.resolve(new Set());

  constructor(private readonly definitions: DefinitionsService) {}

  /** A change of quarantine must append a `definition` commit, so that figures are computed again. */
  register(find: FindQuarantined): void {
    this.find = find;
  }

  /** Under whichever of its names a test was put there: with all of them. */
  quarantined(scope: Scope, projectIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.known.get(`${scopeKey(scope)} ${projectIds.join()}`, () => this.read(scope, projectIds));
  }

  private async read(scope: Scope, projectIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.find(scope, projectIds);
    if (found.size === 0) return found;
    const { aliases } = await this.definitions.of(scope, projectIds);
    return new Set(withAllNames([...found], aliases));
  }
}
