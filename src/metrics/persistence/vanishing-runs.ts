import { Injectable } from '@nestjs/common';
import { CommitLog, RunsRepository } from '../../executions/index.js';
import { RunSummariesRepository, type RunPart } from './run-summaries.repository.js';

/**
 * A run that is deleted leaves the summaries before the log says so. Who reads at a position in between, or at one from
 * before, still takes it as it was: else the report would lack it, and its drill-down, which asks the log, would not.
 */
@Injectable()
export class VanishingRuns {
  constructor(
    private readonly log: CommitLog,
    private readonly runs: RunsRepository,
    private readonly summaries: RunSummariesRepository,
  ) {}

  /** Parts on some days of runs that were there at the position and are frozen as deleted. Asked after the days were read. */
  async partsAt(projectId: string, days: readonly number[], position: number): Promise<RunPart[]> {
    // in this order: a removal that is not under way any more is in the log
    const begun = await this.runs.beingDeleted(projectId);
    const since = await this.log.since([projectId], position, ['deleted'], [Math.min(...days), Math.max(...days)]);
    const vanishing = new Set([...begun, ...since.map(({ runId = '' }) => runId)]);
    if (vanishing.size === 0) return [];
    const before = await this.log.deletedAt(begun, position);
    const there = await this.log.generationsAt(
      [...vanishing].filter((runId) => !before.has(runId)),
      position,
    );
    const found = await this.summaries.partsOfRuns(projectId, [...there.keys()]);
    return [...found.values()].flat().filter(({ day, part }) => part.state === 'deleted' && days.includes(day));
  }
}
