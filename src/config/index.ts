export { AppConfig, ConfigError, type ConfigOverrides, type ProcessRole } from './app-config.js';
export { ConfigModule } from './config.module.js';
export { VERSION } from './version.js';
