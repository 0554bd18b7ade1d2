import { loadOrCreateSecret } from '../auth/index.js';
import type { AppConfig } from '../config/index.js';

/** Where nobody configured keys, the ones kept in the data folder: the same for each process that shares it. */
export const withOwnKeys = (config: AppConfig): AppConfig =>
  config.jwt.secret === undefined && config.jwt.jwksUri === undefined
    ? config.with({ jwtSecret: loadOrCreateSecret(config.dataDir) })
    : config;
