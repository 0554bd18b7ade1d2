import { Inject, Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { type Redis, ReplyError } from 'ioredis';
import type { Connection } from 'mongoose';
import { statfs } from 'node:fs/promises';
import { withPatience } from '../common/index.js';
import { AppConfig, VERSION } from '../config/index.js';
import { REDIS } from '../redis/index.js';
import type { CheckDto, HealthDto, ReadyDto } from './health.dto.js';

const PATIENCE_MS = 1_000;
const LEAST_FREE_MB = 100;
const PROBE_MS = 1_000;

@Injectable()
export class HealthService {
  constructor(
    private readonly config: AppConfig,
    @InjectConnection() private readonly connection: Connection,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  status(): HealthDto {
    return { status: 'ok', version: VERSION, uptimeSeconds: Math.floor(process.uptime()) };
  }

  async ready(): Promise<ReadyDto> {
    const checks = await Promise.all([
      check('mongodb', () => this.pingMongo()),
      check('redis', () => this.redis.ping()),
      check('queue', () => this.probeQueue()),
      check('disk', () => hasRoom(this.config.dataDir)),
    ]);
    return { status: checks.every(({ status }) => status === 'ok') ? 'ok' : 'unavailable', checks };
  }

  /**
   * What a queue needs of Redis besides an answer: that it takes writes (a full disk, a replica or too little memory
   * refuse them) and evicts nothing.
   */
  private async probeQueue(): Promise<void> {
    await this.redis.set(`health:queue:${process.pid}`, '1', 'PX', PROBE_MS).catch((error: unknown) => {
      throw error instanceof ReplyError ? new CheckFailure('Redis takes no writes') : error;
    });
    const memory = await this.redis.info('memory');
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
    const limit = Number(/^maxmemory:(\d+)/m.exec(memory)?.[1] ?? 0);
    if (limit > 0 && policy !== 'noeviction')
      throw new CheckFailure(`Redis may evict jobs: maxmemory-policy is ${policy}`);
  }

  private async pingMongo(): Promise<void> {
    if (!this.connection.db) throw new Error('not connected');
    await this.connection.db.admin().command({ ping: 1 });
  }
}

/** The detail names the failure only: an address or a password of the server stays in the log. */
const check = async (name: CheckDto['name'], probe: () => Promise<unknown>): Promise<CheckDto> => {
  const startedAt = performance.now();
  const failure = await withPatience(probe(), PATIENCE_MS, silent).then(
    () => undefined,
    (error: unknown) => (error instanceof CheckFailure ? error.message : 'not reachable'),
  );
  const durationMs = Math.round(performance.now() - startedAt);
  return failure === undefined
    ? { name, status: 'ok', durationMs }
    : { name, status: 'down', durationMs, detail: failure };
};

class CheckFailure extends Error {}

const silent = (): Error => new CheckFailure(`no answer within ${PATIENCE_MS} ms`);

const hasRoom = async (dataDir: string): Promise<void> => {
  // with servers elsewhere the folder may never have been made; its disk is then that of the working folder
  const { bavail, bsize } = await statfs(dataDir).catch(() => statfs('.'));
  if ((bavail * bsize) / 1e6 < LEAST_FREE_MB) throw new CheckFailure(`less than ${LEAST_FREE_MB} MB free`);
};
