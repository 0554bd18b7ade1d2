import type { UsageRow } from '../../executions/index.js';

export interface UsageFigures {
  readonly runs: number;
  /** Attempts. */
  readonly results: number;
}

export interface UsageOfProject extends UsageFigures {
  readonly project: string;
}

export interface UsageOfDay extends UsageFigures {
  readonly day: Date;
}

export interface Usage {
  readonly totals: UsageFigures;
  /** Most results first. */
  readonly projects: readonly UsageOfProject[];
  /** Days on which something came in, oldest first. */
  readonly days: readonly UsageOfDay[];
}

const NOTHING: UsageFigures = { runs: 0, results: 0 };
const sum = (a: UsageFigures, b: UsageFigures): UsageFigures => ({
  runs: a.runs + b.runs,
  results: a.results + b.results,
});

/** Adds the rows up; all zero and empty for no rows. */
export const usageOf = (rows: readonly UsageRow[]): Usage => {
  const projects = new Map<string, UsageFigures>();
  const days = new Map<number, UsageFigures>();
  for (const row of rows) {
    projects.set(row.project, sum(projects.get(row.project) ?? NOTHING, row));
    days.set(row.day.getTime(), sum(days.get(row.day.getTime()) ?? NOTHING, row));
  }
  return {
    totals: rows.reduce<UsageFigures>(sum, NOTHING),
    projects: [...projects]
      .map(([project, figures]) => ({ project, ...figures }))
      .sort((a, b) => b.results - a.results || a.project.localeCompare(b.project)),
    days: [...days].sort(([a], [b]) => a - b).map(([day, figures]) => ({ day: new Date(day), ...figures })),
  };
};
