import { createConnection, type Connection, type mongo, type Types } from 'mongoose';
import { RESULT_STATUSES } from '../../src/executions/index.js';
import { DAY_MS, ORGANIZATION, PROJECTS } from '../world.js';
import type { BaselineQuery, BaselineRow } from './query.js';

const INDEX = 'bench_baseline';
type Pipeline = Record<string, unknown>[];

interface Answer extends Omit<BaselineRow, 'counts' | 'p50' | 'p95'> {
  readonly _id: Date;
  readonly s: readonly number[];
  readonly q: readonly (number | null)[] | null;
}

/** The same report as an aggregation over the service's own `results`, by somebody who has no rollups. */
export class MongoBaseline {
  private projects: readonly Types.ObjectId[] = [];

  private constructor(private readonly connection: Connection) {}

  static async open(uri: string): Promise<MongoBaseline> {
    const baseline = new MongoBaseline(await createConnection(uri).asPromise());
    const keys = PROJECTS.map((project) => project.key);
    const found = await baseline
      .collection('projects')
      .find({ org: ORGANIZATION, key: { $in: keys } })
      .toArray();
    baseline.projects = found.map((project) => project._id);
    console.error('building the index of the MongoDB baseline');
    await baseline
      .collection('results')
      .createIndex({ p: 1, at: 1, s: 1, d: 1, r: 1, t: 1, a: 1 }, { name: INDEX }, {});
    return baseline;
  }

  async report(query: BaselineQuery): Promise<BaselineRow[]> {
    const pipeline = [...(await this.match(query)), ...groupByBucket(query)];
    const rows = await this.collection('results').aggregate<Answer>(pipeline, { allowDiskUse: true }).toArray();
    return rows.map(({ s, q, durationN, durationUs }) => ({
      counts: s,
      durationN,
      durationUs,
      p50: q?.[0] ?? 0,
      p95: q?.[1] ?? 0,
    }));
  }

  /** Ingest must not pay for an index that the service does not have. */
  async dropIndex(): Promise<void> {
    await this.collection('results').dropIndex(INDEX);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private collection(name: string): mongo.Collection {
    return this.connection.collection(name);
  }

  /** Suites are looked up in `tests`, branch and environment in `runs`, as the documents hold only numbers. */
  private async match(query: BaselineQuery): Promise<Pipeline> {
    const p = { $in: this.projects };
    const condition: Record<string, unknown> = { p, at: { $gte: query.from, $lt: query.to } };
    if (query.suite !== undefined) Object.assign(condition, await this.testsOf(query.suite));
    if (query.tag !== undefined) condition.tg = query.tag;
    if (query.branch !== undefined || query.environment !== undefined) {
      const { branch, environment } = query;
      const run = { p, ...(branch !== undefined && { branch }), ...(environment !== undefined && { environment }) };
      condition.r = { $in: await this.collection('runs').distinct('_id', run) };
    }
    return query.attempts === 'all' ? [{ $match: condition }] : finalAttempts(condition, query);
  }

  /** The tests of a suite: their numbers say nothing without their project, which has numbers of its own. */
  private async testsOf(suite: string): Promise<Record<string, unknown>> {
    const tests = await this.collection('tests')
      .find({ p: { $in: this.projects }, suite }, { projection: { p: 1, no: 1 } })
      .toArray();
    const byProject = Map.groupBy(tests, ({ p }) => String(p));
    const each = [...byProject.values()].map((some) => ({ p: some[0]!.p, t: { $in: some.map(({ no }) => no) } }));
    return each.length === 1 ? each[0]! : { $or: each };
  }
}

/** An outcome is a run's last attempt of a test, so attempts of the hours after the range have to be looked at too. */
const finalAttempts = (condition: Record<string, unknown>, query: BaselineQuery): Pipeline => [
  { $match: { ...condition, at: { $gte: query.from, $lt: new Date(query.to.getTime() + DAY_MS / 12) } } },
  {
    $group: {
      _id: { r: '$r', t: '$t' },
      last: { $top: { sortBy: { a: -1 }, output: { at: '$at', s: '$s', d: '$d' } } },
    },
  },
  { $replaceRoot: { newRoot: '$last' } },
  { $match: { at: { $gte: query.from, $lt: query.to } } },
];

const groupByBucket = ({ interval, timeZone }: BaselineQuery): Pipeline => {
  const bucket = { $dateTrunc: { date: '$at', unit: interval, timezone: timeZone, startOfWeek: 'monday' } };
  const counts = RESULT_STATUSES.map((_, code): [string, unknown] => [
    `s${code}`,
    { $sum: { $cond: [{ $eq: ['$s', code] }, 1, 0] } },
  ]);
  return [
    {
      $group: {
        _id: bucket,
        ...Object.fromEntries(counts),
        durationN: { $sum: { $cond: [{ $gt: ['$d', null] }, 1, 0] } },
        durationUs: { $sum: '$d' },
        q: { $percentile: { input: '$d', p: [0.5, 0.95], method: 'approximate' } },
      },
    },
    { $set: { s: counts.map(([name]) => `$${name}`) } },
    { $sort: { _id: 1 } },
  ];
};
