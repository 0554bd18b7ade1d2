export { formatOf } from './analysis/analysis-task.js';
export type { SeriesAnalysis } from './domain/analyse-series.js';
export { KNOWN_CYCLES, type Cycle } from './domain/seasonality.js';
export { SeriesReader } from './series/series-reader.service.js';
export { TrendPointDto } from './http/trend-parts.dto.js';
export { ChangePointDto } from './http/trend-events.dto.js';
export { ForecastDto } from './http/forecast.dto.js';
export { toPoint } from './http/trend-parts.mapper.js';
export { type MetricFacts, type SeriesRequest, type SeriesSource, SeriesSources } from './series/series-sources.js';
// for decisions over one series, which need no other thread
export { analyseTask } from './analysis/analysis-task.js';
export { judgedStretch, type MetricPoint, toPoints } from './series/metric-points.js';
export type { AnalysedSeries, ChangeSides, MetricPair, NeighbouringRun, TrendsAnswer } from './trend-answer.js';
export type { TrendsRequest } from './trend-request.js';
export { TrendsDto } from './http/trends.dto.js';
export { toTrends } from './http/trends.mapper.js';
export { TrendsModule } from './trends.module.js';
export { TrendsService, type TrendsVersion } from './trends.service.js';
