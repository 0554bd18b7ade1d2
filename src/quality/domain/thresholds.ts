/** A limit that a project sets on a figure of its quality. */
export interface QualityThreshold {
  readonly id: string;
  readonly metric: string;
  readonly comparison: 'at_least' | 'at_most';
  readonly limit: number;
}

export interface ThresholdViolation {
  readonly id: string;
  readonly metric: string;
  readonly comparison: QualityThreshold['comparison'];
  readonly limit: number;
  readonly value: number;
}

/** Limits for projects that set none. */
export const DEFAULT_QUALITY_THRESHOLDS: readonly QualityThreshold[] = [
  { id: 'minimum_score', metric: 'quality_score', comparison: 'at_least', limit: 70 },
  { id: 'minimum_pass_rate', metric: 'pass_rate', comparison: 'at_least', limit: 0.9 },
  { id: 'maximum_flakiness', metric: 'flakiness', comparison: 'at_most', limit: 0.05 },
  { id: 'maximum_mttr_hours', metric: 'mttr', comparison: 'at_most', limit: 72 },
];

/** The limits that known figures break; a figure that is null or absent breaks none. */
export const thresholdViolations = (
  thresholds: readonly QualityThreshold[],
  figures: Readonly<Record<string, number | null | undefined>>,
): ThresholdViolation[] =>
  thresholds.flatMap((threshold) => {
    const value = figures[threshold.metric];
    if (typeof value !== 'number' || !Number.isFinite(value)) return [];
    const kept = threshold.comparison === 'at_least' ? value >= threshold.limit : value <= threshold.limit;
    return kept ? [] : [{ ...threshold, value }];
  });
