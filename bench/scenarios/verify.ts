import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Scenario } from '../scenario.js';
import { untilSealed } from '../sealed.js';
import { compiled } from '../service.js';

/** `npm run verify` over all that was loaded and ingested: a recount of every result. */
export const verify: Scenario = {
  id: 'verify',
  run: async ({ service, options }) => {
    if (!options.verify) return [];
    await untilSealed(service.mongodbUri);
    const started = performance.now();
    const child = spawn(process.execPath, [compiled('../src/verify.cli.js')], {
      env: service.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    const seconds = Math.round((performance.now() - started) / 1000);
    const note = `${output.trim().replaceAll('\n', '; ').slice(0, 300)} (${seconds} s)`;
    return [{ title: 'verify', targets: [{ text: 'clean', met: code === 0 }], note }];
  },
};
