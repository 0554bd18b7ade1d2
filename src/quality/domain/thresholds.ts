/** A limit on a figure of quality: the default one, or what a project sets. */
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

/** What a project may set for itself. */
export interface OwnLimits {
  readonly minimumScore?: number;
  readonly minimumPassRate?: number;
  readonly maximumFlakiness?: number;
  readonly maximumMttrHours?: number;
}

const LIMIT_OF: Readonly<Record<string, keyof OwnLimits>> = {
  minimum_score: 'minimumScore',
  minimum_pass_rate: 'minimumPassRate',
  maximum_flakiness: 'maximumFlakiness',
  maximum_mttr_hours: 'maximumMttrHours',
};

/** The default limits, with those in place that a project has set. */
export const thresholdsWith = (own: OwnLimits = {}): readonly QualityThreshold[] =>
  DEFAULT_QUALITY_THRESHOLDS.map((threshold) => ({
    ...threshold,
    limit: own[LIMIT_OF[threshold.id]!] ?? threshold.limit,
  }));

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
