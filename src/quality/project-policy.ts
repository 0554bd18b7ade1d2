import { type Project, QUALITY_BANDS } from '../projects/index.js';
import { DEFAULT_QUALITY_POLICY, LOWEST_BAND, type QualityPolicy } from './domain/quality-score.js';
import { type QualityThreshold, thresholdsWith } from './domain/thresholds.js';

/** A project may weigh and name for itself; several projects together are judged by the default. */
export const policyOf = (projects: readonly Project[]): QualityPolicy => {
  const { qualityWeights: weights, qualityBands: own } = onlyOf(projects);
  const bands = own && [...QUALITY_BANDS.map((id) => ({ id, from: own[id] })), LOWEST_BAND];
  return { ...DEFAULT_QUALITY_POLICY, ...(weights && { weights }), ...(bands && { bands }) };
};

/** What is a violation; several projects together are held to the default. */
export const thresholdsOf = (projects: readonly Project[]): readonly QualityThreshold[] =>
  thresholdsWith(onlyOf(projects).qualityLimits);

const onlyOf = (projects: readonly Project[]): Partial<Project> => (projects.length === 1 ? projects[0]! : {});
