import { Injectable } from '@nestjs/common';
import { notFound, type Page, type Scope } from '../common/index.js';
import { type Build, buildOf } from './domain/build.js';
import { type RunFilter, RunsRepository } from './persistence/runs.repository.js';

@Injectable()
export class BuildsService {
  constructor(private readonly runs: RunsRepository) {}

  /** All runs of a build id, or of a commit where no run names that build. */
  async get(scope: Scope, buildId: string): Promise<Build> {
    const runs = await this.runs.ofBuild(scope, buildId);
    if (runs.length === 0) throw notFound('Build');
    return buildOf(buildId, runs);
  }

  async list(scope: Scope, filter: RunFilter, limit: number, cursor?: string): Promise<Page<Build>> {
    const page = await this.runs.buildIds(scope, filter, limit, cursor);
    const builds = await Promise.all(page.items.map(async (id) => buildOf(id, await this.runs.ofBuild(scope, id))));
    return { items: builds, nextCursor: page.nextCursor };
  }
}
