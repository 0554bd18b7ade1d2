import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { openBaselines } from './baselines/baselines.js';
import { Client } from './client.js';
import { isLoaded, loadWorld, openWorld } from './load.js';
import { type BenchOptions, parseOptions } from './options.js';
import type { Bench, Row } from './scenario.js';
import { scenarios } from './scenarios/index.js';
import { untilSealed } from './sealed.js';
import { type Service, startService } from './service.js';
import { renderTable, rowFailed } from './table.js';
import { warmUp } from './warm-up.js';
import { ORGANIZATION, type World } from './world.js';

const runScenarios = async (bench: Bench): Promise<Row[]> => {
  const { only } = bench.options;
  // whatever was measured, the recount comes last; --no-verify leaves it out
  const isChosen = (id: string): boolean =>
    only.length === 0 || id === 'verify' || only.some((part) => id.includes(part));
  const chosen = scenarios.filter(({ id }) => isChosen(id));
  const rows: Row[] = [];
  for (const scenario of chosen) {
    process.stderr.write(`measuring ${scenario.id}\n`);
    try {
      rows.push(...(await scenario.run(bench)));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      rows.push({
        title: scenario.id,
        targets: [{ text: 'runs', met: false }],
        note: text.slice(0, 200).replaceAll('|', '/'),
      });
    }
  }
  return rows;
};

const measure = async (service: Service, world: World, options: BenchOptions): Promise<boolean> => {
  const client = new Client(service.url, await service.token(ORGANIZATION));
  if (!(await isLoaded(options.dataDir))) await loadWorld(world, client, options.dataDir);
  await untilSealed(service.mongodbUri);
  const baselines = options.baselines ? await openBaselines(options.dataDir, service.mongodbUri, world) : undefined;
  await warmUp(client, world);
  const rows = await runScenarios({ options, service, client, world, baselines });
  await baselines?.close();
  const heading = `${options.results} results, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString()}`;
  const text = `${heading}\n\n${renderTable(rows)}\n`;
  console.log(`\n${text}`);
  await writeFile(join(options.dataDir, 'last-bench.md'), text);
  return !rows.some(rowFailed);
};

const main = async (): Promise<void> => {
  const options = parseOptions(process.argv);
  const world = await openWorld(options.dataDir, options);
  const service = await startService(options.dataDir, options.cacheGb);
  try {
    if (!(await measure(service, world, options))) process.exitCode = 1;
  } finally {
    await service.stop();
  }
};

await main();
