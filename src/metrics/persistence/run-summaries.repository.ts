import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection, Slices } from '../../common/index.js';
import type { Run, RunState } from '../../executions/index.js';
import type { RunDay } from '../domain/build-rows.js';
import type { Rows } from '../domain/rows.js';
import { decodeRows, encodeRows } from '../domain/rows-codec.js';
import { RUN_SUMMARY, type RunSummaryDocument } from './schemas.js';

/** A run's rows of one day. */
export interface DayPart {
  readonly runId: string;
  readonly generation: number;
  readonly state: RunState;
  readonly rows: Rows;
}

/** A part with what is kept of it when its run is frozen. */
export interface RunPart {
  readonly day: number;
  readonly part: DayPart;
  /** Bytes of the packed rows. */
  readonly size: number;
  readonly generations?: Uint8Array;
}

/** A summary without its rows. */
export interface SummaryHead extends Pick<DayPart, 'runId' | 'generation' | 'state'> {
  readonly days: readonly number[];
}

const BINARY = { promoteBuffers: true } as const;

@Injectable()
export class RunSummariesRepository {
  private readonly collection: mongo.Collection<RunSummaryDocument>;

  constructor(@InjectModel(RUN_SUMMARY) model: Model<RunSummaryDocument>) {
    this.collection = nativeCollection(model);
  }

  /**
   * Replaces the run's summary unless a newer generation stands there already.
   * @returns the days that the summary it replaced held
   */
  async replace(run: Run, days: readonly RunDay[]): Promise<readonly number[]> {
    const document = {
      o: run.organization,
      p: new Types.ObjectId(run.projectId),
      g: run.generation,
      state: 'live' as const,
      parts: days.map(({ day, rows }) => ({ day, rows: encodeRows(rows) })),
    };
    const update = { $set: document };
    const filter = { _id: run.runId, g: { $lte: run.generation }, state: 'live' as const };
    const options = { returnDocument: 'before', projection: { 'parts.day': 1 } } as const;
    const before = await this.collection.findOneAndUpdate(filter, update, options);
    if (before) return before.parts.map((part) => part.day);
    // not there yet, or newer: an upsert by id alone is right in the first case and a no-op in the second
    await this.collection.updateOne({ _id: run.runId }, { $setOnInsert: document }, { upsert: true });
    return [];
  }

  /**
   * Keeps the rows, marks what has become of their documents, and answers the days they lie in.
   * @param generations of the parts, in their order; none to leave what is there
   */
  async freeze(
    runId: string,
    state: 'deleted' | 'expired',
    generations: readonly Buffer[],
  ): Promise<readonly number[]> {
    const columns = generations.map((column, index) => [`parts.${index}.generations`, column] as const);
    const before = await this.collection.findOneAndUpdate(
      { _id: runId },
      { $set: { state, ...Object.fromEntries(columns) } },
      { returnDocument: 'before', projection: { 'parts.day': 1 } },
    );
    return before ? before.parts.map((part) => part.day) : [];
  }

  /** Live and expired parts of the given days: what a day consists of. */
  async partsOfDays(projectId: string, days: readonly number[]): Promise<Map<number, DayPart[]>> {
    const slices = new Slices();
    const wanted = new Set(days);
    const byDay = new Map<number, DayPart[]>(days.map((day) => [day, []]));
    const options = { ...BINARY, projection: { 'parts.generations': 0 } } as const;
    for await (const document of this.collection.find(onDays(projectId, days), options)) {
      for (const part of document.parts)
        if (wanted.has(part.day)) byDay.get(part.day)!.push(toPart(document, part.rows));
      await slices.pause();
    }
    return byDay;
  }

  /** Which summaries `partsOfDays` would read, and what they stand at. */
  async headsOfDays(projectId: string, days: readonly number[]): Promise<SummaryHead[]> {
    const projection = { g: 1, state: 1, 'parts.day': 1 } as const;
    const found = await this.collection.find(onDays(projectId, days), { projection }).toArray();
    return found.map(({ _id: runId, g: generation, state, parts }) => ({
      ...{ runId, generation, state },
      days: parts.map(({ day }) => day),
    }));
  }

  /** All parts of the given runs, whatever has become of them. */
  async partsOfRuns(
    projectId: string,
    runIds: readonly string[],
    slices = new Slices(),
  ): Promise<Map<string, RunPart[]>> {
    if (runIds.length === 0) return new Map();
    const filter = { p: new Types.ObjectId(projectId), _id: { $in: [...runIds] } };
    const byRun = new Map<string, RunPart[]>();
    for await (const document of this.collection.find(filter, BINARY)) {
      byRun.set(
        document._id,
        document.parts.map(({ day, rows, generations }) => ({
          ...{ day, part: toPart(document, rows), size: rows.length },
          generations,
        })),
      );
      await slices.pause();
    }
    return byRun;
  }

  /** The runs in some days whose documents retention has removed. */
  async expiredRuns(
    projectIds: readonly string[],
    [first, last]: readonly [first: number, last: number],
  ): Promise<{ runId: string; projectId: string }[]> {
    const filter = {
      p: { $in: projectIds.map((id) => new Types.ObjectId(id)) },
      'parts.day': { $gte: first, $lte: last },
      state: 'expired' as const,
    };
    const found = await this.collection.find(filter, { projection: { p: 1 } }).toArray();
    return found.map(({ _id: runId, p }) => ({ runId, projectId: p.toHexString() }));
  }
}

const onDays = (projectId: string, days: readonly number[]) => ({
  p: new Types.ObjectId(projectId),
  'parts.day': { $in: [...days] },
  state: { $in: ['live', 'expired'] as RunState[] },
});

const toPart = (document: Pick<RunSummaryDocument, '_id' | 'g' | 'state'>, bytes: Buffer): DayPart => {
  const rows = decodeRows(bytes);
  const expired = document.state === 'expired';
  return {
    runId: document._id,
    generation: document.g,
    state: document.state,
    rows: expired ? { ...rows, runs: rows.runs.map((run) => ({ ...run, expired })) } : rows,
  };
};
