import type { ApiClient } from './api-client.js';
import { batchesOf, type PlannedRun } from './run-plan.js';

const ROOT = '/api/v1/execution-reporting';

export interface Rejection {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

interface Answer {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
  readonly rejectedCount: number;
}

/** What became of everything that was sent. */
export interface ImportTotals {
  runs: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** A message per run that could not be sent, and the first rejected rows. */
  readonly failures: string[];
  readonly rejections: string[];
  readonly runIds: string[];
}

export const noTotals = (): ImportTotals => ({
  runs: 0,
  accepted: 0,
  duplicates: 0,
  rejected: 0,
  failures: [],
  rejections: [],
  runIds: [],
});

const MOST_MESSAGES = 20;

const addAnswer = (totals: ImportTotals, name: string, answer: Answer): void => {
  totals.accepted += answer.accepted;
  totals.duplicates += answer.duplicates;
  totals.rejected += answer.rejectedCount;
  for (const { pointer, code, detail } of answer.rejected)
    if (totals.rejections.length < MOST_MESSAGES) totals.rejections.push(`${name}${pointer}: ${code}: ${detail}`);
};

export interface ImportOptions {
  readonly project: string;
  /** How many runs are sent at a time. */
  readonly concurrency: number;
  /** Called after each batch with the number of its rows. */
  readonly onRows: (rows: number, runs: number) => void;
}

/** Sends runs to the API. Each is the same run when it is sent again, so an import that was cut off is simply repeated. */
export class RunImporter {
  readonly totals = noTotals();

  constructor(
    private readonly api: ApiClient,
    private readonly options: ImportOptions,
  ) {}

  /** Sends them all; a run that fails is noted in the totals and does not keep the others back. */
  async send(runs: readonly PlannedRun[]): Promise<void> {
    const queue = runs.values();
    const work = async (): Promise<void> => {
      for (const run of queue) await this.sendOne(run);
    };
    await Promise.all(Array.from({ length: this.options.concurrency }, work));
  }

  private async sendOne(planned: PlannedRun): Promise<void> {
    const name = planned.run.externalId ?? planned.run.name ?? 'run';
    try {
      let runId: string | undefined;
      for (const { rows, json } of batchesOf(planned.results)) {
        runId = runId === undefined ? await this.create(planned, name, json) : await this.add(runId, name, json);
        this.options.onRows(rows, this.totals.runs);
      }
    } catch (error) {
      this.totals.failures.push(`${name}: ${(error as Error).message}`);
    }
  }

  /** The run comes with its first batch: most have no other, so they are stored whole or not at all. */
  private async create({ run, idempotencyKey }: PlannedRun, name: string, rows: string): Promise<string> {
    const metadata = JSON.stringify({ ...run, project: this.options.project });
    const body = `${metadata.slice(0, -1)},"results":${rows}}`;
    const headers = run.externalId === undefined ? { 'idempotency-key': idempotencyKey } : undefined;
    const answer = await this.api.post<Answer & { runId: string }>(`${ROOT}/runs?onInvalid=skip`, body, headers);
    this.totals.runs += 1;
    this.totals.runIds.push(answer.runId);
    addAnswer(this.totals, name, answer);
    return answer.runId;
  }

  private async add(runId: string, name: string, rows: string): Promise<string> {
    const path = `${ROOT}/runs/${runId}/results?onInvalid=skip`;
    addAnswer(this.totals, name, await this.api.post<Answer>(path, `{"results":${rows}}`));
    return runId;
  }
}
