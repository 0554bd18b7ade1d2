import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { hash } from 'node:crypto';
import { readFile as readBytes, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { loadOrCreateSecret, signToken } from '../auth/index.js';
import { AppConfig } from '../config/index.js';
import { LIMITS } from './domain/limits.js';
import { RUN_KINDS, type RunInput, type RunKind } from './domain/model.js';
import { FORMAT_IDS, type FormatId, type ReadOptions } from './formats/format-reader.js';
import { readFile } from './formats/read-file.js';
import { ApiClient } from './import/api-client.js';
import { findFiles } from './import/find-files.js';
import { type ImportTotals, RunImporter } from './import/import-runs.js';
import { isLoopback } from './import/loopback.js';
import { planRuns, type ReadReport } from './import/run-plan.js';

interface Options {
  readonly project: string;
  readonly format: FormatId | 'auto';
  readonly durationUnit: ReadOptions['durationUnit'];
  readonly url?: string;
  readonly token?: string;
  readonly org: string;
  readonly concurrency: number;
  readonly separate?: true;
  readonly externalId?: string;
  readonly name?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly environment?: string;
  readonly build?: string;
  readonly kind?: RunKind;
  readonly tag?: string[];
  readonly startedAt?: string;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 32) throw new InvalidArgumentError('1 to 32');
  return value;
};

const fieldsOf = (options: Options): Partial<RunInput> => {
  const { externalId, name, branch, commit, environment, build, kind, tag: tags, startedAt } = options;
  const fields = {
    externalId,
    name,
    branch,
    commit,
    environment,
    kind,
    tags,
    startedAt,
    build: build && { id: build },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''));
};

/** Reads the files one after the other; one that cannot be read is said and counted, the others go on. */
const readReports = async (
  files: readonly string[],
  options: Options,
): Promise<{ reports: ReadReport[]; failed: number }> => {
  const reports: ReadReport[] = [];
  for (const path of files) {
    try {
      if ((await stat(path)).size > LIMITS.fileBytes)
        throw new Error(`${path} has more than ${LIMITS.fileBytes} bytes`);
      const bytes = await readBytes(path);
      const { format, durationUnit } = options;
      const parsed = await readFile(basename(path), bytes, format, { durationUnit, now: Date.now() });
      reports.push({ sha256: hash('sha256', bytes, 'hex'), parsed });
      for (const warning of new Set(parsed.flatMap(({ warnings }) => warnings))) say(`${path}: ${warning}`);
    } catch (error) {
      say(`not imported: ${(error as Error).message}`);
    }
  }
  return { reports, failed: files.length - reports.length };
};

/** Without a token the caller is who may read the secret of the service on this machine. */
const tokenFor = async (url: string, { token, org }: Options, config: AppConfig): Promise<string> => {
  if (token) return token;
  if (!isLoopback(url)) throw new Error(`${url} needs a token: --token or ERS_TOKEN`);
  const secret = config.jwt.secret ?? loadOrCreateSecret(config.dataDir, 'jwt-secret');
  const { issuer, audience } = config.jwt;
  const claims = { sub: 'import', org, roles: ['manager'] as const };
  return signToken(claims, { secret, issuer, audience, expiresInSeconds: 86_400 });
};

const summarise = (totals: ImportTotals, failedFiles: number): boolean => {
  for (const line of [...totals.rejections, ...totals.failures]) say(line);
  const { runs, accepted, duplicates, rejected, failures, runIds } = totals;
  const [first] = runIds;
  const counts = `runs ${runs}, accepted ${accepted}, duplicates ${duplicates}, rejected ${rejected}`;
  const failed = failedFiles + failures.length;
  process.stdout.write(
    `${counts}${failed > 0 ? `, failed ${failed}` : ''}${runs === 1 && first ? `, run ${first}` : ''}\n`,
  );
  return failed === 0 && rejected === 0;
};

const importFiles = async (paths: readonly string[], options: Options): Promise<void> => {
  const config = AppConfig.load();
  const url = (options.url ?? `http://127.0.0.1:${config.port}`).replace(/\/+$/, '');
  const api = new ApiClient(url, await tokenFor(url, options, config));
  const { reports, failed } = await readReports(await findFiles(paths), options);
  const runs = planRuns(reports, fieldsOf(options), options.separate);
  const rows = runs.reduce((sum, { results }) => sum + results.length, 0);
  const bar = new SingleBar({
    format: 'importing |{bar}| {value}/{total} results, {runs}/{allRuns} runs, {eta_formatted}',
  });
  const { project, concurrency } = options;
  const importer = new RunImporter(api, {
    project,
    concurrency,
    onRows: (sent, done) => bar.increment(sent, { runs: done }),
  });
  bar.start(rows, 0, { runs: 0, allRuns: runs.length });
  await importer.send(runs);
  bar.stop();
  if (!summarise(importer.totals, failed)) process.exitCode = 1;
};

const program = new Command('import')
  .description(
    'Sends test reports (JUnit XML, CTRF, NDJSON, CSV histories; gzip too) to the service. Sent again, nothing changes.',
  )
  .argument('<file...>', 'reports; a folder stands for the reports in it')
  .requiredOption('--project <key>', 'project that the runs belong to')
  .addOption(new Option('--format <format>', 'of the files').choices(['auto', ...FORMAT_IDS]).default('auto'))
  .addOption(new Option('--duration-unit <unit>', 'of a CSV history').choices(['auto', 'ms', 's']).default('auto'))
  .addOption(new Option('--url <url>', 'of the service (default: http://127.0.0.1:$PORT)').env('ERS_URL'))
  .addOption(
    new Option('--token <token>', 'token or API key (default: minted from DATA_DIR/jwt-secret)').env('ERS_TOKEN'),
  )
  .option('--org <organization>', 'organization, where the token is minted', 'demo')
  .option('--concurrency <n>', 'how many runs are sent at a time', positive, 4)
  .option('--separate', 'each file is a run of its own (default: the files make one run)')
  .option('--external-id <id>', 'names the run: files and shards with one id join one run')
  .option('--name <name>', 'name of the run')
  .option('--branch <branch>', 'branch')
  .option('--commit <commit>', 'commit')
  .option('--build <id>', 'build that the run is a part of')
  .option('--environment <environment>', 'where it ran')
  .addOption(new Option('--kind <kind>', 'what started it').choices(RUN_KINDS))
  .option('--tag <tag...>', 'tags of the run')
  .option('--started-at <time>', 'when it started, ISO 8601')
  .action(importFiles);

await program.parseAsync().catch((error: unknown) => {
  say((error as Error).message);
  process.exitCode = 1;
});
