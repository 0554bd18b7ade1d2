export interface ExecutionsOptions {
  /** 0: only when asked (tests). */
  readonly sweepEveryMs: number;
  readonly retentionEveryMs: number;
}

export const EXECUTIONS_OPTIONS = Symbol('EXECUTIONS_OPTIONS');

export const DEFAULT_OPTIONS: ExecutionsOptions = {
  sweepEveryMs: 15_000,
  retentionEveryMs: 3_600_000,
};
