import { Command, InvalidArgumentError } from 'commander';

export interface BenchOptions {
  readonly results: number;
  readonly dataDir: string;
  readonly seed: number;
  /** Runs alike for each one: 20 M of 20 copies have the groups of 1 M. */
  readonly copies: number;
  /** Repeats per row of the table. */
  readonly repeats: number;
  /** Repeats of each baseline query, which may take seconds. */
  readonly baselineRepeats: number;
  readonly ingestSeconds: number;
  /** Sockets of the realtime rows. */
  readonly sockets: number;
  /** How long 50 clients ask at once. */
  readonly loadedSeconds: number;
  /** API processes that those clients spread over: 1 as by `npm start`, 2 as by docker-compose.yml. */
  readonly apis: number;
  /** WiredTiger's cache. */
  readonly cacheGb: number;
  /** Only scenarios whose id contains one of these. */
  readonly only: readonly string[];
  readonly baselines: boolean;
  /** Recount everything at the end. */
  readonly verify: boolean;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('must be a positive number');
  return value;
};

interface RawOptions {
  results: number;
  dataDir: string;
  seed: number;
  copies: number;
  repeats: number;
  ingestSeconds: number;
  sockets: number;
  loadedSeconds: number;
  apis: number;
  cacheGb: number;
  only: string[];
  baselines: boolean;
  verify: boolean;
  quick: boolean;
}

export const parseOptions = (argv: readonly string[]): BenchOptions => {
  const raw = new Command('bench')
    .description('Loads a seeded year of results and measures what it is built to reach')
    .option('--results <n>', 'results (attempts) to load', positive, 5_000_000)
    .option('--data-dir <folder>', 'kept and used again while --results, --copies and --seed stay', '.data/bench')
    .option('--seed <n>', 'another seed is another year', positive, 1)
    .option('--copies <n>', 'runs alike for each one: more results in the same groups', positive, 1)
    .option('--repeats <n>', 'measurements per row', positive, 30)
    .option('--ingest-seconds <n>', 'how long to ingest over HTTP', positive, 600)
    .option('--sockets <n>', 'sockets that follow a live run', positive, 1_000)
    .option('--loaded-seconds <n>', 'how long 50 clients ask at once', positive, 120)
    .option('--apis <n>', 'API processes that those clients spread over', positive, 1)
    .option('--cache-gb <n>', "MongoDB's cache", positive, 2)
    .option('--only <part...>', 'only scenarios whose id contains one of these', [])
    .option('--no-baselines', 'leave out MongoDB and DuckDB')
    .option('--no-verify', 'leave out the recount at the end')
    .option('--quick', '8 repeats, 20 s of ingest and of load, one repeat of each baseline', false)
    .parse([...argv])
    .opts<RawOptions>();
  const { quick, ...rest } = raw;
  return {
    ...rest,
    repeats: quick ? Math.min(8, raw.repeats) : raw.repeats,
    loadedSeconds: quick ? Math.min(20, raw.loadedSeconds) : raw.loadedSeconds,
    ingestSeconds: quick ? Math.min(20, raw.ingestSeconds) : raw.ingestSeconds,
    baselineRepeats: quick ? 1 : 5,
  };
};
