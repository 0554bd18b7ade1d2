import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { RESULT_STATUSES } from '../../src/executions/index.js';
import { finalFlags, type World, type WorldRun } from '../world.js';
import type { BaselineQuery, BaselineRow } from './query.js';

const FILE = 'baseline.duckdb';
const COLUMNS = `project VARCHAR, run INTEGER, name VARCHAR, suite VARCHAR, type VARCHAR, owner VARCHAR, tags VARCHAR,
  branch VARCHAR, environment VARCHAR, actor VARCHAR, status UTINYINT, attempt UTINYINT, final BOOLEAN, started TIMESTAMP, us BIGINT`;

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const linesOf = ({ run, results }: WorldRun, number: number): string => {
  const finals = finalFlags(results);
  return results
    .map((result, i) =>
      [
        run.project,
        number,
        result.name,
        result.suite ?? '',
        result.type ?? '',
        result.owner ?? '',
        (result.tags ?? []).join('|'),
        run.branch ?? '',
        run.environment ?? '',
        run.triggeredBy ?? '',
        RESULT_STATUSES.indexOf(result.status),
        result.attempt ?? 1,
        finals[i] === true ? 1 : 0,
        (result.startedAt ?? '').replace('T', ' ').replace('Z', ''),
        result.durationMs === undefined ? '' : Math.round(result.durationMs * 1000),
      ].join(','),
    )
    .join('\n');
};

const writeCsv = async (world: World, file: string): Promise<void> => {
  const stream = createWriteStream(file);
  let number = 0;
  for (const run of world) if (!stream.write(`${linesOf(run, number++)}\n`)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'close');
};

/** The same rows in DuckDB: made from the generator, not from what the service stored, so equal answers prove something. */
export class DuckDbBaseline {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /** Opens the kept file, or makes it: `end` and size are the folder's own, so what is there fits. */
  static async open(dataDir: string, world: World): Promise<DuckDbBaseline> {
    const file = join(dataDir, FILE);
    const known = await access(file).then(
      () => true,
      () => false,
    );
    if (!known) await build(file, join(dataDir, 'baseline.csv'), world);
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' });
    return new DuckDbBaseline(instance, await instance.connect());
  }

  /** Estimated quantiles are fast and are what is timed; exact ones (nearest rank) are there to compare with. */
  async report(query: BaselineQuery, quantiles: 'estimated' | 'exact' = 'estimated'): Promise<BaselineRow[]> {
    const reader = await this.connection.runAndReadAll(sqlOf(query, QUANTILES[quantiles]));
    return reader.getRowObjectsJson().map((row) => ({
      counts: RESULT_STATUSES.map((_, code) => Number(row[`s${code}`])),
      durationN: Number(row.n),
      durationUs: Number(row.us ?? 0),
      p50: Number(row.p50 ?? 0),
      p95: Number(row.p95 ?? 0),
    }));
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

const build = async (file: string, csv: string, world: World): Promise<void> => {
  console.error('writing the rows for DuckDB');
  await writeCsv(world, csv);
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  const instance = await DuckDBInstance.create(partial);
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE raw (${COLUMNS})`);
  await connection.run(`COPY raw FROM ${quote(csv)} (HEADER false)`);
  await connection.run(
    `CREATE TABLE results AS SELECT * REPLACE (string_split(tags, '|') AS tags) FROM raw ORDER BY started`,
  );
  await connection.run('DROP TABLE raw');
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
  const { rename } = await import('node:fs/promises');
  await rename(partial, file);
  await rm(csv);
};

const localTime = ({ timeZone }: BaselineQuery): string =>
  timeZone === 'UTC' ? 'started' : `started AT TIME ZONE 'UTC' AT TIME ZONE ${quote(timeZone)}`;

const QUANTILES = {
  estimated: 'approx_quantile(us, 0.5) AS p50, approx_quantile(us, 0.95) AS p95',
  exact: [50, 95]
    .map((q) => `list_sort(list(us) FILTER (us IS NOT NULL))[ceil(${q} * count(us) / 100)::BIGINT] AS p${q}`)
    .join(', '),
} as const;

const sqlOf = (query: BaselineQuery, quantiles: string): string => {
  const timestamp = (date: Date): string => `TIMESTAMP ${quote(date.toISOString().replace('T', ' ').replace('Z', ''))}`;
  const conditions = [
    `started >= ${timestamp(query.from)}`,
    `started < ${timestamp(query.to)}`,
    ...(query.attempts === 'final' ? ['final'] : []),
    ...(query.suite === undefined ? [] : [`suite = ${quote(query.suite)}`]),
    ...(query.branch === undefined ? [] : [`branch = ${quote(query.branch)}`]),
    ...(query.environment === undefined ? [] : [`environment = ${quote(query.environment)}`]),
    ...(query.tag === undefined ? [] : [`list_contains(tags, ${quote(query.tag)})`]),
  ];
  const counts = RESULT_STATUSES.map((_, code) => `count(*) FILTER (status = ${code}) AS s${code}`);
  return `SELECT date_trunc('${query.interval}', ${localTime(query)}) AS bucket, ${counts.join(', ')},
    count(us) AS n, sum(us)::DOUBLE AS us, ${quantiles}
    FROM results WHERE ${conditions.join(' AND ')} GROUP BY bucket ORDER BY bucket`;
};
