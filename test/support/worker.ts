import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { TEST_SECRET } from './app.js';
import { ROOT } from './process.js';
import { servers } from './servers.js';

/** A worker of its own on the servers of this test file (call `ensureBuilt()` first); it kills itself at the failpoint. */
export const launchWorker = (failpoints = ''): ChildProcess => {
  const { PATH = '', HOME = '' } = process.env;
  const { mongodbUri, redisUrl } = servers();
  return spawn(process.execPath, [join(ROOT, 'dist/worker.js')], {
    env: {
      ...{ PATH, HOME, MONGODB_URI: mongodbUri, REDIS_URL: redisUrl, JWT_SECRET: TEST_SECRET, DEMO: 'off' },
      ...{ SECRET_KEYS: TEST_SECRET, WEBHOOK_ALLOW_PRIVATE: 'true', LOG_LEVEL: 'error', FAILPOINTS: failpoints },
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
};
