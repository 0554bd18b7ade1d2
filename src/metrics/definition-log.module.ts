import { Global, Injectable, Module } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { CommitLog } from '../executions/index.js';
import { DEFINITION_CHANGED, type DefinitionChangedHook, type Project } from '../projects/index.js';

/** A project's team, zone or weights changed: the data version moves on, so nothing computed before is served again. */
@Injectable()
export class DefinitionLog implements DefinitionChangedHook {
  constructor(
    private readonly log: CommitLog,
    private readonly clock: Clock,
  ) {}

  async definitionChanged(project: Project): Promise<void> {
    await this.log.append({
      organization: project.organization,
      projectId: project.id,
      kind: 'definition',
      days: [],
      at: this.clock.now(),
    });
  }
}

/** Global, since `projects` asks for the hook by its token and knows nothing of this feature. */
@Global()
@Module({
  providers: [{ provide: DEFINITION_CHANGED, useClass: DefinitionLog }],
  exports: [DEFINITION_CHANGED],
})
export class DefinitionLogModule {}
