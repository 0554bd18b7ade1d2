export { DemoDashboards } from './demo-dashboards.js';
export { DemoExamples } from './demo-examples.js';
export { type DemoOutcome, DemoLoader } from './demo-loader.js';
export { DemoModule } from './demo.module.js';
export { DemoRemover } from './demo-remover.js';
export { type Demo, DEMO_ORGANIZATION, DEMO_PROJECT, type DemoRun, generateDemo } from './domain/generate-demo.js';
export { Random } from './domain/random.js';
export type { DemoTruth, TestKey } from './domain/truth.js';
