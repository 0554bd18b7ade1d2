/** A report as both baselines understand it. */
export interface BaselineQuery {
  readonly from: Date;
  /** Excluded. */
  readonly to: Date;
  readonly timeZone: string;
  readonly interval: 'day' | 'week';
  /** final: the last attempt of each test and run; all: every attempt. */
  readonly attempts: 'final' | 'all';
  readonly suite?: string;
  readonly branch?: string;
  readonly environment?: string;
  readonly tag?: string;
}

/** A bucket of an answer; buckets in order of time, empty ones left out. */
export interface BaselineRow {
  /** By the position in RESULT_STATUSES. */
  readonly counts: readonly number[];
  readonly durationN: number;
  readonly durationUs: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p95: number;
}

/** The service's histogram promises 2.5 %. */
const QUANTILE_TOLERANCE = 0.0251;

const near = (estimate: number, exact: number): boolean =>
  Math.abs(estimate - exact) <= QUANTILE_TOLERANCE * Math.max(exact, 1);

/**
 * What differs between two answers to one query; counts and sums must be the same to the last digit. Quantiles are compared
 * where the other's are exact.
 */
export const compareRows = (
  mine: readonly BaselineRow[],
  other: readonly BaselineRow[],
  name: string,
  quantiles: boolean,
): string[] => {
  if (mine.length !== other.length) return [`${name}: ${mine.length} rows against ${other.length}`];
  return mine.flatMap((row, i) => {
    const their = other[i];
    if (their === undefined) return [];
    const problems: string[] = [];
    if (row.counts.join() !== their.counts.join())
      problems.push(`counts ${row.counts.join()} against ${their.counts.join()}`);
    if (row.durationN !== their.durationN || Math.abs(row.durationUs - their.durationUs) > 0.5)
      problems.push(`duration ${row.durationN}/${row.durationUs} against ${their.durationN}/${their.durationUs}`);
    if (quantiles && !(near(row.p50, their.p50) && near(row.p95, their.p95)))
      problems.push(`quantiles ${row.p50}/${row.p95} against ${their.p50}/${their.p95}`);
    return problems.map((problem) => `${name} row ${i}: ${problem}`);
  });
};
