import { Injectable } from '@nestjs/common';
import { CommitLog, ResultsRepository, RunsRepository, type Run } from '../executions/index.js';
import { buildRunDays, mergeRows } from './domain/build-rows.js';
import { encodeRows } from './domain/rows-codec.js';
import { sealDay } from './domain/seal.js';
import { DaysRepository } from './persistence/days.repository.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';
import { SealedDaysRepository } from './persistence/sealed-days.repository.js';

export interface Difference {
  readonly where: string;
  readonly problem: string;
}

export interface VerifyReport {
  readonly runs: number;
  readonly results: number;
  readonly days: number;
  /** Days that still wait for the sealer: answered from run summaries, so no difference. */
  readonly unsealed: number;
  readonly differences: readonly Difference[];
}

export interface VerifyOptions {
  readonly projectId?: string;
  /** Stop after so many. */
  readonly maxDifferences: number;
  readonly onProgress?: (done: number) => void;
}

/**
 * The invariant of the read model, checked: every rollup equals a recount of the stored results, byte for byte, since
 * packing is deterministic.
 */
@Injectable()
export class VerifyService {
  constructor(
    private readonly runs: RunsRepository,
    private readonly results: ResultsRepository,
    private readonly log: CommitLog,
    private readonly summaries: RunSummariesRepository,
    private readonly days: DaysRepository,
    private readonly sealed: SealedDaysRepository,
  ) {}

  async verify(options: VerifyOptions): Promise<VerifyReport> {
    const differences: Difference[] = [];
    const projects = new Set<string>();
    let runs = 0;
    let results = 0;
    for await (const run of this.runs.all(options.projectId)) {
      projects.add(run.projectId);
      results += await this.checkRun(run, differences);
      runs++;
      options.onProgress?.(runs);
      if (differences.length >= options.maxDifferences) break;
    }
    const checked = { days: 0, unsealed: 0 };
    for (const projectId of projects) await this.checkDays(projectId, checked, differences, options.maxDifferences);
    const gap = await this.log.firstGap();
    if (gap !== undefined) differences.push({ where: `commit ${gap}`, problem: 'is missing from the log' });
    return { runs, results, ...checked, differences: differences.slice(0, options.maxDifferences) };
  }

  /** @returns how many results were recounted */
  private async checkRun(run: Run, differences: Difference[]): Promise<number> {
    const where = `run ${run.runId} of ${run.projectKey}`;
    const attempts = await this.results.attemptsOfRun(run.runId);
    if (run.state !== 'live') {
      if (attempts.length > 0)
        differences.push({ where, problem: `is ${run.state} and still has ${attempts.length} results` });
      return 0;
    }
    // of a run that was removed in the middle of a stream nothing is owed any more, so only live ones are asked
    if (run.summarised !== run.generation)
      differences.push({ where, problem: `stands at generation ${run.generation}, summarised ${run.summarised}` });
    const stored = (await this.summaries.partsOfRuns(run.projectId, [run.runId])).get(run.runId) ?? [];
    const recounted = buildRunDays(run, attempts);
    const expected = new Map(recounted.map(({ day, rows }) => [day, encodeRows(rows)]));
    const actual = new Map(stored.map(({ day, part }) => [day, encodeRows(part.rows)]));
    for (const day of new Set([...expected.keys(), ...actual.keys()]))
      if (!sameBytes(expected.get(day), actual.get(day)))
        differences.push({ where: `${where}, day ${isoDay(day)}`, problem: 'its summary is not what its results say' });
    return attempts.length;
  }

  private async checkDays(
    projectId: string,
    checked: { days: number; unsealed: number },
    differences: Difference[],
    maxDifferences: number,
  ): Promise<void> {
    for (const { day, version, sealed } of await this.days.find(projectId)) {
      if (differences.length >= maxDifferences) return;
      checked.days++;
      if (sealed !== version) {
        checked.unsealed++;
        continue;
      }
      const parts = (await this.summaries.partsOfDays(projectId, [day])).get(day) ?? [];
      const expected = sealDay(mergeRows(parts.map((part) => part.rows)));
      const { day: document, rows } = await this.sealed.stored(projectId, day);
      const same =
        document?.v === version &&
        sameBytes(expected.totals, document.totals) &&
        sameBytes(expected.byDay, document.byDay) &&
        sameBytes(expected.bySlot, document.bySlot) &&
        rows.length === expected.rowParts.length &&
        rows.every((part, index) => part.v === version && sameBytes(expected.rowParts[index], part.rows));
      if (!same)
        differences.push({
          where: `project ${projectId}, day ${isoDay(day)}`,
          problem: 'its rollup is not what its runs say',
        });
    }
  }
}

const isoDay = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;
