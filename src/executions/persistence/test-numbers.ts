import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { LRUCache } from 'lru-cache';
import { mongo, Types, type Model } from 'mongoose';
import { isDuplicateKey, nativeCollection } from '../../common/index.js';
import { canonicalJson } from '../domain/canonical-json.js';
import type { ResultInput, Run } from '../domain/model.js';
import type { KnownTest } from '../domain/prepare-results.js';
import { testIdOf } from '../domain/test-identity.js';
import { COUNTER, type CounterDocument } from './counter.schema.js';
import { toPairs } from './run-codec.js';
import { TEST, type TestDocument } from './test.schema.js';

const CHUNK = 1000;
const KEPT_TESTS = 300_000;

export type ProjectOfRun = Pick<Run, 'organization' | 'projectId' | 'projectKey'>;

interface Entry extends KnownTest {
  file: string | undefined;
}

const textOf = (projectId: string, { suite = '', name, parameters }: ResultInput): string =>
  `${projectId}\0${suite}\0${name}\0${parameters === undefined ? '' : canonicalJson(parameters)}`;

/**
 * Gives each test of a project its number at its first result. Tests that this process knows cost no query. Numbers
 * begin at 1 and have no gaps but those that two processes leave when they meet the same new tests at once.
 */
@Injectable()
export class TestNumbers {
  private readonly tests: mongo.Collection<TestDocument>;
  private readonly counters: mongo.Collection<CounterDocument>;
  private readonly known = new LRUCache<string, Entry>({ maxSize: KEPT_TESTS, sizeCalculation: () => 1 });
  /** One allocation at a time per project, so that two requests do not number the same test twice. */
  private readonly queues = new Map<string, Promise<void>>();

  constructor(@InjectModel(TEST) tests: Model<TestDocument>, @InjectModel(COUNTER) counters: Model<CounterDocument>) {
    this.tests = nativeCollection(tests);
    this.counters = nativeCollection(counters);
  }

  /** The test of each row, in the order of the rows. A file that differs from the one known replaces it. */
  async resolve(project: ProjectOfRun, rows: readonly ResultInput[]): Promise<KnownTest[]> {
    const texts = rows.map((row) => textOf(project.projectId, row));
    const entries = texts.map((text) => this.known.get(text));
    if (entries.includes(undefined)) {
      const missing = new Map<string, ResultInput>();
      entries.forEach((entry, index) => entry ?? missing.set(texts[index]!, rows[index]!));
      const loaded = await this.inTurn(project.projectId, () => this.load(project, missing));
      texts.forEach((text, index) => (entries[index] ??= loaded.get(text)));
    }
    const complete = entries as Entry[];
    await this.replaceFiles(complete, rows);
    return complete;
  }

  private async load(project: ProjectOfRun, missing: ReadonlyMap<string, ResultInput>): Promise<Map<string, Entry>> {
    const loaded = new Map<string, Entry>();
    const wanted = [...missing].map(([text, row]) => ({ text, row, id: testIdOf(project.projectId, row) }));
    for (let from = 0; from < wanted.length; from += CHUNK) {
      const chunk = wanted.slice(from, from + CHUNK);
      let found = await this.find(chunk.map(({ id }) => id));
      const unknown = chunk.filter(({ id }) => !found.has(id));
      if (unknown.length > 0) {
        await this.insert(project, unknown);
        found = await this.find(chunk.map(({ id }) => id));
      }
      for (const { text, id } of chunk) {
        const entry = found.get(id)!;
        this.known.set(text, entry);
        loaded.set(text, entry);
      }
    }
    return loaded;
  }

  private async find(ids: readonly string[]): Promise<Map<string, Entry>> {
    const projection = { no: 1, suite: 1, file: 1 } as const;
    const found = await this.tests.find({ _id: { $in: [...ids] } }, { projection }).toArray();
    return new Map(found.map(({ _id, no, suite, file }) => [_id, { testId: _id, number: no, suite, file }]));
  }

  private async insert(project: ProjectOfRun, tests: readonly { id: string; row: ResultInput }[]): Promise<void> {
    const unique = [...new Map(tests.map((test) => [test.id, test])).values()];
    const counter = await this.counters.findOneAndUpdate(
      { _id: `tests:${project.projectId}` },
      { $inc: { n: unique.length } },
      { upsert: true, returnDocument: 'after' },
    );
    const first = counter!.n - unique.length + 1;
    const p = new Types.ObjectId(project.projectId);
    const documents = unique.map(({ id, row }, index): TestDocument => ({
      _id: id,
      o: project.organization,
      p,
      pk: project.projectKey,
      no: first + index,
      suite: row.suite ?? '',
      name: row.name,
      ...(row.file === undefined ? {} : { file: row.file }),
      ...(row.parameters && Object.keys(row.parameters).length > 0 ? { parameters: toPairs(row.parameters) } : {}),
    }));
    try {
      await this.tests.insertMany(documents, { ordered: false });
    } catch (error) {
      // another process was first: its number counts
      if (!(error instanceof mongo.MongoBulkWriteError) || !isDuplicateKey(error)) throw error;
    }
  }

  private async replaceFiles(entries: readonly Entry[], rows: readonly ResultInput[]): Promise<void> {
    const moved = new Map<Entry, string>();
    entries.forEach((entry, index) => {
      const { file } = rows[index]!;
      if (file !== undefined && file !== entry.file) moved.set(entry, file);
      else if (file !== undefined) moved.delete(entry);
    });
    if (moved.size === 0) return;
    await this.tests.bulkWrite(
      [...moved].map(([{ testId }, file]) => ({
        updateOne: { filter: { _id: testId }, update: { $set: { file } } },
      })),
      { ordered: false },
    );
    for (const [entry, file] of moved) entry.file = file;
  }

  private async inTurn<T>(projectId: string, work: () => Promise<T>): Promise<T> {
    const before = this.queues.get(projectId) ?? Promise.resolve();
    const result = before.then(work);
    const done = result.then(
      () => undefined,
      () => undefined,
    );
    this.queues.set(projectId, done);
    try {
      return await result;
    } finally {
      if (this.queues.get(projectId) === done) this.queues.delete(projectId);
    }
  }
}
