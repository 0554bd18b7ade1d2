import type { Project } from './project.js';

/**
 * Injection token: the read model provides a `DefinitionChangedHook` under it, from a global module that exports it. The
 * provider must not inject ProjectsService, which injects the hook.
 */
export const DEFINITION_CHANGED = Symbol('DEFINITION_CHANGED');

export interface DefinitionChangedHook {
  /** After a change of team, time zone, or of what quality is judged by was stored; `project` is as it is now. */
  definitionChanged(project: Project): Promise<void>;
}
