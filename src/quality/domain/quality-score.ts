import { wilson } from '../../common/stats/index.js';
import type { RecoveryTime } from './episodes.js';

export const QUALITY_PARTS = ['passRate', 'stability', 'durationStability', 'recovery'] as const;
export type QualityPart = (typeof QUALITY_PARTS)[number];

/** What a project may set for itself. Weights are shares of 100 whatever their sum is. */
export interface QualityPolicy {
  readonly weights: Readonly<Record<QualityPart, number>>;
  /** Highest first; the last one has no lower end. */
  readonly bands: readonly { readonly id: string; readonly from: number }[];
}

/** What no other band holds. */
export const LOWEST_BAND = { id: 'critical', from: 0 } as const;

/** statistics.md section 6: the one place of weights and bands. */
export const DEFAULT_QUALITY_POLICY: QualityPolicy = {
  weights: { passRate: 50, stability: 30, durationStability: 10, recovery: 10 },
  bands: [
    { id: 'excellent', from: 90 },
    { id: 'good', from: 80 },
    { id: 'fair', from: 70 },
    { id: 'poor', from: 60 },
    LOWEST_BAND,
  ],
};

export const QUALITY_SCORE_DEFINITION = { id: 'quality_score', version: 1 } as const;

export interface QualityInput {
  readonly passed: number;
  /** passed + failed + broken + timeout. */
  readonly judged: number;
  /** 0..1; null where unknown. */
  readonly stability: number | null;
  readonly durationStability: number | null;
  readonly recovery: RecoveryTime;
}

export interface ScorePart {
  readonly id: QualityPart;
  /** 0..1; null where there is no data: the part is left out and the others weigh more. */
  readonly value: number | null;
  /** Points out of 100 that this part can give, after such parts were left out. */
  readonly weight: number;
  readonly points: number;
}

export interface QualityScore {
  readonly definition: typeof QUALITY_SCORE_DEFINITION;
  readonly status: 'ok' | 'insufficient_data';
  /** 0..100; null without judged outcomes. */
  readonly value: number | null;
  readonly band: string | null;
  readonly parts: readonly ScorePart[];
}

/**
 * 1 / (1 + MTTR in days): 1 where nothing ever failed; null where failures are open and none was ever closed, because
 * then no time to recover is known.
 */
export const recoveryShare = (recovery: RecoveryTime): number | null => {
  if (recovery.status === 'no_failures') return 1;
  return recovery.meanHours === null ? null : 1 / (1 + recovery.meanHours / 24);
};

export const bandOf = (score: number, policy: QualityPolicy = DEFAULT_QUALITY_POLICY): string => {
  const sorted = [...policy.bands].sort((a, b) => b.from - a.from);
  return (sorted.find((band) => score >= band.from) ?? sorted.at(-1))?.id ?? 'unknown';
};

/** Quality score 0..100 with its parts (statistics.md section 6). */
export const qualityScore = (input: QualityInput, policy: QualityPolicy = DEFAULT_QUALITY_POLICY): QualityScore => {
  const values: Record<QualityPart, number | null> = {
    passRate: input.judged > 0 ? wilson(input.passed, input.judged).low : null,
    stability: input.stability,
    durationStability: input.durationStability,
    recovery: recoveryShare(input.recovery),
  };
  const known = QUALITY_PARTS.filter((id) => values[id] !== null);
  const total = known.reduce((sum, id) => sum + policy.weights[id], 0);
  const parts = QUALITY_PARTS.map((id): ScorePart => {
    const value = values[id];
    const weight = value === null || total === 0 ? 0 : (100 * policy.weights[id]) / total;
    return { id, value, weight, points: weight * (value ?? 0) };
  });
  const definition = QUALITY_SCORE_DEFINITION;
  if (values.passRate === null || total === 0)
    return { definition, status: 'insufficient_data', value: null, band: null, parts };
  const value = parts.reduce((sum, part) => sum + part.points, 0);
  return { definition, status: 'ok', value, band: bandOf(value, policy), parts };
};
