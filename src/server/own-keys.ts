import { loadOrCreateSecret } from '../auth/index.js';
import type { AppConfig } from '../config/index.js';

/** Where nobody configured keys, the ones kept in the data folder: the same for each process that shares it. */
export const withOwnKeys = (config: AppConfig): AppConfig => {
  const { jwt, secretKeys, dataDir } = config;
  const needsJwt = jwt.secret === undefined && jwt.jwksUri === undefined;
  return config.with({
    ...(needsJwt ? { jwtSecret: loadOrCreateSecret(dataDir, 'jwt-secret') } : {}),
    ...(secretKeys.length === 0 ? { secretKeys: [loadOrCreateSecret(dataDir, 'secret-keys')] } : {}),
  });
};
