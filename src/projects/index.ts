export { DEFINITION_CHANGED, type DefinitionChangedHook } from './definition-changed.js';
export type { Project, ProjectSettings, QualityBands, QualityLimits, QualityWeights } from './project.js';
export { QUALITY_BANDS, QUALITY_LIMITS, QUALITY_PARTS } from './project.js';
export { ProjectsModule } from './projects.module.js';
export { type ProjectSelection, ProjectsService } from './projects.service.js';
