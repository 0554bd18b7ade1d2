export type { AssessedTest, Assessment, FoundOutage } from './assessments/assessment.js';
export {
  type AssessmentRequest,
  AssessmentsService,
  type AssessmentVersion,
} from './assessments/assessments.service.js';
export { testFigures, type BoundedFigure, type ScopeFigures } from './assessments/figures.js';
export type { ScannedRun, ScannedTest } from './assessments/outcome-collector.js';
export { withAllNames } from './definitions/definition.js';
export { type Definitions, DefinitionsService } from './definitions/definitions.service.js';
export { QualityModule } from './quality.module.js';
export { toQualityMetrics } from './http/quality.mapper.js';
export { QualityMetricsDto } from './http/quality.dto.js';
export { QualityDefinitionDto, ScorePartDto } from './http/figures.dto.js';
export { type QualityAnswer, QualityService, type QualitySummary } from './quality.service.js';
export { isQualityMetric, QUALITY_METRICS, type QualityMetric, type SeriesPoint } from './quality-series.js';
export { type FindQuarantined, QuarantineLookup } from './quarantine-lookup.js';
export type { Ranking } from './tests/ranking.js';
export { type TestName, TestNames } from './tests/test-names.service.js';
export { type RankedTest, type RankingAnswer, type RankingRequest, TestsService } from './tests/tests.service.js';
export { type ClustersAnswer, ClustersService } from './clusters.service.js';
export { toCluster } from './http/clusters.mapper.js';
export { ClusterDto } from './http/clusters.dto.js';
export { RankedTestDto } from './http/ranking.dto.js';
export { toRankedTest } from './http/ranking.mapper.js';
export { MttrDto } from './http/figures.dto.js';
export type { TestAssessment } from './domain/flakiness.js';
export { TEST_LABELS, type TestLabel } from './domain/labels.js';
export { flipRate } from './domain/secondary-figures.js';
export {
  commitOf,
  evidenceOf,
  type Evidence,
  isFailure,
  isJudged,
  PASSED,
  runOf,
  type RunTable,
  type TestHistory,
} from './domain/test-history.js';
// for decisions over few tests, which cannot wait for an assessment of all
export { assessTest } from './domain/flakiness.js';
export { FlakinessPosteriors } from './domain/flakiness-posterior.js';
export { HistoryCollector } from './domain/history-collector.js';
export { excludedRunIds, findOutages } from './domain/outages.js';
export { type HistoryRun, runTable } from './domain/test-history.js';
