import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { mongo, Types, type Model } from 'mongoose';
import { encodeCursor, isDuplicateKey, nativeCollection, type Page, type Scope, Slices } from '../../common/index.js';
import type { AttemptRecord, ResultStatus, Run } from '../domain/model.js';
import type { PreparedResult } from '../domain/prepare-results.js';
import type { AttemptRef } from '../domain/run-record.js';
import type { StoredResult, StoredTest } from '../domain/stored.js';
import { cursorKeys } from './cursor.js';
import {
  ATTEMPT_PROJECTION,
  hexOf,
  parseResultId,
  statusCode,
  toAttempt,
  toDocument,
  toResult,
} from './result-codec.js';
import { RESULT, type ResultDocument } from './result.schema.js';
import { scopeFilter } from './scope-filter.js';
import { TestsRepository } from './tests.repository.js';

const INSERT_CHUNK = 1000;
const REMOVE_CHUNK = 5000;

export interface ResultsOfRun {
  readonly statuses?: readonly ResultStatus[];
  readonly limit: number;
  readonly cursor?: string;
}

@Injectable()
export class ResultsRepository {
  private readonly collection: mongo.Collection<ResultDocument>;

  constructor(
    @InjectModel(RESULT) model: Model<ResultDocument>,
    private readonly tests: TestsRepository,
  ) {
    this.collection = nativeCollection(model);
  }

  /** Hashes of those of the given results that are stored, by hex id. */
  async hashesOf(results: readonly PreparedResult[]): Promise<Map<string, string>> {
    const hashes = new Map<string, string>();
    for (let from = 0; from < results.length; from += INSERT_CHUNK) {
      const ids = results.slice(from, from + INSERT_CHUNK).map(({ id }) => new mongo.Binary(id));
      const found = await this.collection.find({ _id: { $in: ids } }, { projection: { h: 1 } }).toArray();
      for (const document of found) hashes.set(hexOf(document._id), document.h);
    }
    return hashes;
  }

  /**
   * Inserts what is not there, chunk by chunk.
   * @param mayInsert called before each chunk: throws when the right to write is gone
   * @returns those whose id is taken
   */
  async insert(run: Run, results: readonly PreparedResult[], mayInsert: () => void): Promise<PreparedResult[]> {
    const project = new Types.ObjectId(run.projectId);
    const owner = { organization: run.organization, project, run: new Types.ObjectId(run.runId) };
    const taken: PreparedResult[] = [];
    const slices = new Slices();
    for (let from = 0; from < results.length; from += INSERT_CHUNK) {
      const chunk = results.slice(from, from + INSERT_CHUNK);
      mayInsert();
      const indexes = await this.insertChunk(chunk.map((prepared) => toDocument(prepared, owner)));
      taken.push(...indexes.map((index) => chunk[index]!));
      await slices.pause();
    }
    return taken;
  }

  private async insertChunk(documents: ResultDocument[]): Promise<number[]> {
    try {
      await this.collection.insertMany(documents, { ordered: false });
      return [];
    } catch (error) {
      if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
      const failures = [error.writeErrors].flat();
      if (failures.length === 0 || !failures.every(isDuplicateKey)) throw error;
      return failures.map(({ index }) => index);
    }
  }

  /** The run's attempts as the read model needs them, up to a generation (all without one). */
  async attemptsOfRun(runId: string, maxGeneration?: number): Promise<AttemptRecord[]> {
    const r = new Types.ObjectId(runId);
    const filter = { r, ...(maxGeneration === undefined ? {} : { g: { $lte: maxGeneration } }) };
    const projection = { ...ATTEMPT_PROJECTION, p: 1 };
    const documents: ResultDocument[] = [];
    for await (const document of this.collection.find(filter, { projection, batchSize: 5000 }))
      documents.push(document);
    const project = documents[0]?.p.toHexString();
    if (project === undefined) return [];
    const suites = await this.tests.suitesOf(
      project,
      documents.map(({ t }) => t),
    );
    return documents.map((document) => toAttempt(document, suites.get(document.t) ?? ''));
  }

  /** In any order; ids that name nothing are left out. */
  async findByIds(scope: Scope, resultIds: readonly string[]): Promise<StoredResult[]> {
    const ids = resultIds.map(parseResultId).filter((id) => id !== undefined);
    const found = await this.collection.find({ o: scope.organization, _id: { $in: ids } }).toArray();
    const results = await this.withTests(found);
    return results.filter(({ test }) => scope.projects === 'all' || scope.projects.includes(test.projectKey));
  }

  /** Attempts of a run, in the order of the references; what is not there (any more) is left out. */
  async ofRun(run: Pick<Run, 'organization' | 'runId'>, refs: readonly AttemptRef[]): Promise<StoredResult[]> {
    if (refs.length === 0) return [];
    const r = new Types.ObjectId(run.runId);
    const each = refs.map(({ test: t, attempt: a, status }) => ({ r, s: statusCode(status), t, a }));
    const found = await this.collection.find({ o: run.organization, $or: each }).toArray();
    const results = await this.withTests(found);
    const byRef = new Map(results.map((result) => [`${result.test.number}/${result.attempt}`, result]));
    return refs.flatMap(({ test, attempt }) => byRef.get(`${test}/${attempt}`) ?? []);
  }

  /** A page of a run's attempts: cancelled, skipped, timeout, broken, failed, passed; within one by test and attempt. */
  async pageOfRun(scope: Scope, run: Run, { statuses, limit, cursor }: ResultsOfRun): Promise<Page<StoredResult>> {
    const conditions: mongo.Filter<ResultDocument>[] = [{ o: scopeFilter(scope).o, r: new Types.ObjectId(run.runId) }];
    if (statuses) conditions.push({ s: { $in: statuses.map(statusCode) } });
    if (cursor !== undefined) {
      const [s, t, a] = cursorKeys(cursor, 'number', 'number', 'number');
      conditions.push({ $or: [{ s: { $lt: s } }, { s, t: { $gt: t } }, { s, t, a: { $gt: a } }] });
    }
    const found = await this.collection
      .find({ $and: conditions })
      .sort({ s: -1, t: 1, a: 1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last ? encodeCursor([last.s, last.t, last.a]) : null;
    return { items: await this.withTests(items), nextCursor };
  }

  /** Earliest start of a test's attempts outside of a run, by number; tests without any are left out. */
  async earliestOutside(runId: string, projectId: string, numbers: readonly number[]): Promise<Map<number, number>> {
    const p = new Types.ObjectId(projectId);
    const r = { $ne: new Types.ObjectId(runId) };
    const earliest = new Map<number, number>();
    const find = async (t: number): Promise<void> => {
      const options = { projection: { at: 1 }, sort: { at: 1 } } as const;
      const found = await this.collection.findOne({ p, t, r }, options);
      if (found) earliest.set(t, found.at.getTime());
    };
    for (let from = 0; from < numbers.length; from += 16) await Promise.all(numbers.slice(from, from + 16).map(find));
    return earliest;
  }

  /** Removes up to 5,000 results of a run; answers how many are gone: 0 when there is none left. */
  async removeSome(runId: string): Promise<number> {
    const r = new Types.ObjectId(runId);
    const found = await this.collection.find({ r }, { projection: { _id: 1 }, limit: REMOVE_CHUNK }).toArray();
    if (found.length === 0) return 0;
    await this.collection.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
    return found.length;
  }

  private async withTests(documents: readonly ResultDocument[]): Promise<StoredResult[]> {
    const projectIds = [...new Set(documents.map(({ p }) => p.toHexString()))];
    const load = async (id: string): Promise<[string, Map<number, StoredTest>]> => {
      const numbers = documents.filter(({ p }) => p.toHexString() === id).map(({ t }) => t);
      return [id, await this.tests.byNumbers(id, numbers)];
    };
    const known = new Map(await Promise.all(projectIds.map(load)));
    return documents.flatMap((document) => {
      const test = known.get(document.p.toHexString())?.get(document.t);
      return test ? [toResult(document, test)] : [];
    });
  }
}
