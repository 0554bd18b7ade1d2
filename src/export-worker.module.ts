import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/index.js';
import { type AppConfig, ConfigModule } from './config/index.js';
import { ExecutionsModule } from './executions/index.js';
import { ExportWorkerModule } from './exports/export-worker.module.js';
import { MetricsModule } from './metrics/index.js';
import { ProjectsModule } from './projects/index.js';
import { RealtimeModule } from './realtime/index.js';
import { RedisModule } from './redis/index.js';
import { databaseModule } from './server/database.module.js';

/** It reads one batch after the other, beside its beats and sweeps. */
const CONNECTIONS = 8;

/** The rooms that the writer of rows needs; the whole service would take half as much memory again before the first row. */
@Module({})
export class ExportProcessModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: ExportProcessModule,
      imports: [
        ConfigModule.forRoot(config),
        databaseModule(CONNECTIONS),
        RedisModule,
        AuthModule,
        ProjectsModule,
        RealtimeModule,
        ExecutionsModule.register(),
        MetricsModule,
        ExportWorkerModule,
      ],
    };
  }
}
