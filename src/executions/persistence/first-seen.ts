import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { LRUCache } from 'lru-cache';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection } from '../../common/index.js';
import type { AttemptRecord } from '../domain/model.js';
import { COUNTER, type CounterDocument } from './counter.schema.js';
import { ResultsRepository } from './results.repository.js';
import { TEST, type TestDocument } from './test.schema.js';

const CHUNK = 1000;
const KEPT_FLOORS = 300_000;

interface Floor {
  /** `firstAt` of the test is this or earlier, as long as no run has been deleted since. */
  readonly at: number;
  readonly removals: number;
}

/**
 * Keeps `firstAt` of each test the exact minimum over its stored attempts, also when runs are deleted. An ingest inserts
 * first and lowers `firstAt` then; a deletion takes `firstAt` away first, looks at what is left, and lowers it then: in
 * whatever order the two meet, the minimum wins. The counter of removals tells when what was known may be too early.
 */
@Injectable()
export class FirstSeen {
  private readonly tests: mongo.Collection<TestDocument>;
  private readonly counters: mongo.Collection<CounterDocument>;
  private readonly floors = new LRUCache<string, Floor>({ maxSize: KEPT_FLOORS, sizeCalculation: () => 1 });

  constructor(
    @InjectModel(TEST) tests: Model<TestDocument>,
    @InjectModel(COUNTER) counters: Model<CounterDocument>,
    private readonly results: ResultsRepository,
  ) {
    this.tests = nativeCollection(tests);
    this.counters = nativeCollection(counters);
  }

  /** Lowers `firstAt` where attempts that were just inserted are earlier. */
  async note(projectId: string, attempts: readonly AttemptRecord[]): Promise<void> {
    const removals = (await this.counters.findOne({ _id: `removals:${projectId}` }))?.n ?? 0;
    const earlier = [...earliestOf(attempts)].filter(([no, at]) => {
      const floor = this.floors.get(`${projectId}:${no}`);
      return floor === undefined || floor.removals !== removals || floor.at > at;
    });
    await this.lower(projectId, earlier);
    for (const [no, at] of earlier) this.floors.set(`${projectId}:${no}`, { at, removals });
  }

  /** Before the results of a run are removed: works out `firstAt` of its tests as if they were gone. */
  async forget(projectId: string, runId: string, attempts: readonly AttemptRecord[]): Promise<void> {
    await this.counters.updateOne({ _id: `removals:${projectId}` }, { $inc: { n: 1 } }, { upsert: true });
    const earliest = [...earliestOf(attempts)];
    for (let from = 0; from < earliest.length; from += CHUNK)
      await this.forgetSome(projectId, runId, new Map(earliest.slice(from, from + CHUNK)));
  }

  private async forgetSome(projectId: string, runId: string, earliest: ReadonlyMap<number, number>): Promise<void> {
    const p = new Types.ObjectId(projectId);
    const filter = { p, no: { $in: [...earliest.keys()] } };
    const found = await this.tests.find(filter, { projection: { no: 1, firstAt: 1 } }).toArray();
    const concerned = found
      .filter(({ no, firstAt }) => firstAt === undefined || firstAt.getTime() >= earliest.get(no)!)
      .map(({ no }) => no);
    if (concerned.length === 0) return;
    await this.tests.updateMany({ p, no: { $in: concerned } }, { $unset: { firstAt: '' } });
    await this.lower(projectId, [...(await this.results.earliestOutside(runId, projectId, concerned))]);
  }

  private async lower(projectId: string, earliest: readonly (readonly [number, number])[]): Promise<void> {
    const p = new Types.ObjectId(projectId);
    for (let from = 0; from < earliest.length; from += CHUNK)
      await this.tests.bulkWrite(
        earliest.slice(from, from + CHUNK).map(([no, at]) => ({
          updateOne: { filter: { p, no }, update: { $min: { firstAt: new Date(at) } } },
        })),
        { ordered: false },
      );
  }
}

const earliestOf = (attempts: readonly AttemptRecord[]): Map<number, number> => {
  const earliest = new Map<number, number>();
  for (const { test, at } of attempts) {
    const known = earliest.get(test);
    if (known === undefined || at < known) earliest.set(test, at);
  }
  return earliest;
};
