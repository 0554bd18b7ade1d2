import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FoundServer } from './find-redis.js';
import { KeptServer } from './kept-server.js';
import { majorOf } from './run-command.js';
import type { ServerSpec } from './supervised-server.js';

export interface RedisOptions {
  readonly dataDir: string;
  readonly log: (line: string) => void;
}

/** Starts redis-server on loopback and a free port: append-only file, nothing evicted. */
export const startRedis = async (found: FoundServer, options: RedisOptions): Promise<KeptServer> => {
  const dir = join(options.dataDir, 'redis');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return KeptServer.start({ spec: (port) => specOf(found, dir, port, options), probe: ping, log: options.log });
};

const specOf = (found: FoundServer, dir: string, port: number, { dataDir }: RedisOptions): ServerSpec => ({
  name: 'redis-server',
  logFile: join(dataDir, 'redis.log'),
  pidFile: join(dataDir, 'redis.pid'),
  // older ones overwrite their command line with no more than this
  marker: 'redis-server',
  command: [
    found.binary,
    ...['--port', String(port)],
    ...['--bind', '127.0.0.1'],
    ...['--dir', dir],
    ...['--appendonly', 'yes'],
    ...['--appendfsync', 'everysec'],
    ...['--save', ''],
    ...['--maxmemory-policy', 'noeviction'],
    ...['--daemonize', 'no'],
    ...(majorOf(found.version) >= 7 ? ['--set-proc-title', 'no'] : []),
  ],
});

/** Resolves on PONG; a server that still loads its file answers with an error and is asked again. */
const ping = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => {
      socket.destroy();
      if (answer.toString().startsWith('+PONG')) resolve();
      else reject(new Error(answer.toString()));
    });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(new Error('no answer')));
  });
