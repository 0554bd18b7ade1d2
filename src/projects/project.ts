/** Parts of the quality score (statistics.md section 6); what counts is their share of the sum. */
export const QUALITY_PARTS = ['passRate', 'stability', 'durationStability', 'recovery'] as const;
export type QualityPart = (typeof QUALITY_PARTS)[number];
export type QualityWeights = Readonly<Record<QualityPart, number>>;

/** Bands of the quality score, highest first; what lies below the last is critical. */
export const QUALITY_BANDS = ['excellent', 'good', 'fair', 'poor'] as const;
/** The score from which on a band begins, 0..100. */
export type QualityBands = Readonly<Record<(typeof QUALITY_BANDS)[number], number>>;

/** Figures of quality that have a limit. */
export const QUALITY_LIMITS = ['minimumScore', 'minimumPassRate', 'maximumFlakiness', 'maximumMttrHours'] as const;
/** A project's own limits; the others are the service's. */
export type QualityLimits = Readonly<Partial<Record<(typeof QUALITY_LIMITS)[number], number>>>;

export interface Project {
  readonly id: string;
  readonly organization: string;
  readonly key: string;
  readonly name: string;
  readonly description?: string;
  readonly team?: string;
  /** IANA zone in which the project's days begin. */
  readonly timeZone: string;
  /** Runs older than this are removed; undefined: kept for good. */
  readonly retentionDays?: number;
  /** undefined: the service's default weights. */
  readonly qualityWeights?: QualityWeights;
  /** undefined: the service's default bands. */
  readonly qualityBands?: QualityBands;
  /** undefined: the service's default limits. */
  readonly qualityLimits?: QualityLimits;
  /**
   * Goes up, in the same write, with each change of what answers depend on (see `DEFINING`). As a part of
   * cache keys it keeps stale answers away even when the process dies before the hook was called.
   */
  readonly definitionVersion: number;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What clients set. */
export type ProjectSettings = Omit<
  Project,
  'id' | 'organization' | 'definitionVersion' | 'createdBy' | 'createdAt' | 'updatedAt'
>;

/** undefined: stays; null: goes back to the default. */
export interface ProjectChanges {
  readonly name?: string;
  readonly description?: string | null;
  readonly team?: string | null;
  readonly timeZone?: string;
  readonly retentionDays?: number | null;
  readonly qualityWeights?: QualityWeights | null;
  readonly qualityBands?: QualityBands | null;
  readonly qualityLimits?: QualityLimits | null;
}

export const DEFAULT_TIME_ZONE = 'UTC';

const DEFINING = ['team', 'timeZone', 'qualityWeights', 'qualityBands', 'qualityLimits'] as const;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The changes that differ from what the project has; empty when nothing would change. */
export const realChanges = (project: Project, changes: ProjectChanges): ProjectChanges =>
  Object.fromEntries(
    Object.entries(changes).filter(
      ([field, value]) => value !== undefined && !same(value, project[field as keyof ProjectChanges]),
    ),
  );

/** Whether answers that were computed before would come out different. */
export const changesDefinition = (changes: ProjectChanges): boolean =>
  DEFINING.some((field) => changes[field] !== undefined);
