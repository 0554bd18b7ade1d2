import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { LRUCache } from 'lru-cache';
import { Types, type Model, type mongo } from 'mongoose';
import { encodeCursor, nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { StoredTest } from '../domain/stored.js';
import { cursorKeys } from './cursor.js';
import { fromPairs } from './run-codec.js';
import { scopeFilter } from './scope-filter.js';
import { TEST, type TestDocument } from './test.schema.js';

export interface TestSearch {
  /** Part of the name or of the suite path, whatever the case. */
  readonly text?: string;
  /** Ids of projects; the ones the scope allows, without. */
  readonly projectIds?: readonly string[];
  readonly limit: number;
  readonly cursor?: string;
}

/** Suites never change (they are part of the identity), so they are kept without asking again. */
const KEPT_SUITES = 500_000;

/** Reads tests: what a number or a testId stands for. */
@Injectable()
export class TestsRepository {
  private readonly collection: mongo.Collection<TestDocument>;
  private readonly suites = new LRUCache<string, string>({ maxSize: KEPT_SUITES, sizeCalculation: () => 1 });

  constructor(@InjectModel(TEST) model: Model<TestDocument>) {
    this.collection = nativeCollection(model);
  }

  /** Tests of one project by number; numbers that stand for nothing are left out. */
  async byNumbers(projectId: string, numbers: readonly number[]): Promise<Map<number, StoredTest>> {
    if (numbers.length === 0) return new Map();
    const filter = { p: new Types.ObjectId(projectId), no: { $in: [...new Set(numbers)] } };
    const found = await this.collection.find(filter).toArray();
    return new Map(found.map((document) => [document.no, toTest(document)]));
  }

  /** Suites of tests by number: from memory as far as they are known. */
  async suitesOf(projectId: string, numbers: Iterable<number>): Promise<Map<number, string>> {
    const suites = new Map<number, string>();
    const missing: number[] = [];
    for (const no of new Set(numbers)) {
      const suite = this.suites.get(`${projectId}:${no}`);
      if (suite === undefined) missing.push(no);
      else suites.set(no, suite);
    }
    if (missing.length === 0) return suites;
    const filter = { p: new Types.ObjectId(projectId), no: { $in: missing } };
    for await (const { no, suite } of this.collection.find(filter, { projection: { no: 1, suite: 1 } })) {
      suites.set(no, suite);
      this.suites.set(`${projectId}:${no}`, suite);
    }
    return suites;
  }

  /** In any order; ids that name nothing within the scope are left out. */
  async findByIds(scope: Scope, testIds: readonly string[]): Promise<StoredTest[]> {
    const found = await this.collection.find({ ...scopeFilter(scope), _id: { $in: [...testIds] } }).toArray();
    return found.map(toTest);
  }

  /** Tests by suite and name. */
  async search(scope: Scope, { text, projectIds, limit, cursor }: TestSearch): Promise<Page<StoredTest>> {
    const conditions: mongo.Filter<TestDocument>[] = [scopeFilter(scope)];
    if (projectIds) conditions.push({ p: { $in: projectIds.map((id) => new Types.ObjectId(id)) } });
    if (text !== undefined && text !== '') {
      const part = { $regex: text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`), $options: 'i' };
      conditions.push({ $or: [{ name: part }, { suite: part }] });
    }
    if (cursor !== undefined) {
      const [suite, name, id] = cursorKeys(cursor, 'string', 'string', 'string');
      conditions.push({
        $or: [{ suite: { $gt: suite } }, { suite, name: { $gt: name } }, { suite, name, _id: { $gt: id } }],
      });
    }
    const found = await this.collection
      .find({ $and: conditions })
      .sort({ suite: 1, name: 1, _id: 1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last ? encodeCursor([last.suite, last.name, last._id]) : null;
    return { items: items.map(toTest), nextCursor };
  }
}

const toTest = (document: TestDocument): StoredTest => ({
  testId: document._id,
  number: document.no,
  projectId: document.p.toHexString(),
  projectKey: document.pk,
  suite: document.suite,
  name: document.name,
  file: document.file,
  parameters: fromPairs(document.parameters),
  firstAt: document.firstAt,
});
