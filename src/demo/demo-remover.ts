import { Injectable } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { RunsService } from '../executions/index.js';
import { ProjectsService } from '../projects/index.js';
import { DemoDashboards } from './demo-dashboards.js';
import { DemoExamples } from './demo-examples.js';
import { demoPrincipal } from './demo-principal.js';
import { DEMO_PROJECT } from './domain/generate-demo.js';
import { DemoLoadsRepository } from './persistence/demo-loads.repository.js';
import { showProgress } from './progress.js';

const AT_ONCE = 4;
const PAGE = 100;

/** Deletes every run of the demo as a client would, so that reports forget them, its dashboards and examples; the project stays, empty. */
@Injectable()
export class DemoRemover {
  constructor(
    private readonly loads: DemoLoadsRepository,
    private readonly runs: RunsService,
    private readonly projects: ProjectsService,
    private readonly dashboards: DemoDashboards,
    private readonly examples: DemoExamples,
    private readonly clock: Clock,
  ) {}

  /** No start loads the demo again, and a load that is going on stops. Can be repeated. @returns how many runs went */
  async remove(): Promise<number> {
    await this.loads.markRemoved({ seed: 0, days: 0, now: this.clock.now() });
    const isDemo = ({ key }: { key: string }): boolean => key === DEMO_PROJECT;
    if (!(await this.projects.resolve(demoPrincipal().scope)).some(isDemo)) return 0;
    await this.dashboards.remove();
    await this.examples.remove();
    const runIds = await this.runIds();
    const progress = showProgress('Removing the demo', runIds.length);
    for (let from = 0; from < runIds.length; from += AT_ONCE) {
      await Promise.all(runIds.slice(from, from + AT_ONCE).map((runId) => this.runs.delete(demoPrincipal(), runId)));
      progress.to(Math.min(runIds.length, from + AT_ONCE));
    }
    progress.stop();
    return runIds.length;
  }

  private async runIds(): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.runs.list(demoPrincipal().scope, { projects: [DEMO_PROJECT] }, PAGE, cursor);
      ids.push(...page.items.map(({ runId }) => runId));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return ids;
  }
}
