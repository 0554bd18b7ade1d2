export { DEFINITION_CHANGED, type DefinitionChangedHook } from './definition-changed.js';
export type { Project, ProjectSettings, QualityWeights } from './project.js';
export { QUALITY_PARTS } from './project.js';
export { ProjectsModule } from './projects.module.js';
export { type ProjectSelection, ProjectsService } from './projects.service.js';
