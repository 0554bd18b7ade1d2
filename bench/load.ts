import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Client } from './client.js';
import { DAY_MS, PROJECTS, World, type WorldOptions } from './world.js';

const CLIENTS = 4;
const MARKER = 'bench.json';

interface Marker extends WorldOptions {
  readonly loaded: boolean;
}

interface Acceptance {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly unknown[];
}

/**
 * The world whose data a folder holds or is to hold. A folder with other parameters is emptied; one whose load was cut
 * off is loaded on (runs are idempotent).
 */
export const openWorld = async (dataDir: string, wanted: Omit<WorldOptions, 'end'>): Promise<World> => {
  const { results, seed, copies } = wanted;
  const kept = await readMarker(dataDir);
  if (kept?.results === results && kept.seed === seed && kept.copies === copies) return new World(kept);
  await rm(dataDir, { recursive: true, force: true });
  const options = { results, seed, copies, end: Math.floor(Date.now() / DAY_MS) * DAY_MS };
  await writeMarker(dataDir, { ...options, loaded: false });
  return new World(options);
};

export const isLoaded = async (dataDir: string): Promise<boolean> => (await readMarker(dataDir))?.loaded === true;

const readMarker = async (dataDir: string): Promise<Marker | undefined> => {
  const text = await readFile(join(dataDir, MARKER), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Marker);
};

const writeMarker = async (dataDir: string, marker: Marker): Promise<void> => {
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, MARKER), JSON.stringify(marker));
};

const createProjects = async (client: Client): Promise<void> => {
  for (const { key } of PROJECTS) await client.call('/projects', { body: { key, name: key, team: key }, allow: [409] });
};

/** Sends the whole world through the service's own HTTP API, and says how fast it went. */
export const loadWorld = async (world: World, client: Client, dataDir: string): Promise<void> => {
  await createProjects(client);
  const bar = new SingleBar({
    format: 'load {bar} {percentage}% {value}/{total} runs, {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 10_000,
  });
  bar.start(world.runCount, 0);
  const started = performance.now();
  let accepted = 0;
  const runs = world[Symbol.iterator]();
  const sendAll = async (): Promise<void> => {
    for (let next = runs.next(); next.done !== true; next = runs.next()) {
      const { run, results } = next.value;
      const { body } = await client.call<Acceptance>('/runs', { body: { ...run, results } });
      if (body.rejected.length > 0) throw new Error(`rejected: ${JSON.stringify(body.rejected.slice(0, 3))}`);
      accepted += body.accepted + body.duplicates;
      bar.increment();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, sendAll));
  bar.stop();
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `loaded ${accepted} results in ${seconds.toFixed(0)} s: ${Math.round(accepted / seconds)} results/s over HTTP`,
  );
  await writeMarker(dataDir, { ...world.options, loaded: true });
};
