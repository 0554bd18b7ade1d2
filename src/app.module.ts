import { type DynamicModule, Module } from '@nestjs/common';
import { AlertsModule } from './alerts/index.js';
import { AuthModule } from './auth/index.js';
import { type AppConfig, ConfigModule } from './config/index.js';
import { DashboardsModule } from './dashboards/index.js';
import { DemoModule } from './demo/index.js';
import { ExecutionsModule } from './executions/index.js';
import { ExportsModule } from './exports/index.js';
import { GatesModule } from './gates/index.js';
import { HealthModule } from './health/index.js';
import { MetricsModule } from './metrics/index.js';
import { NotificationsModule } from './notifications/index.js';
import { ProjectsModule } from './projects/index.js';
import { QualityModule } from './quality/index.js';
import { RealtimeModule } from './realtime/index.js';
import { RedisModule } from './redis/index.js';
import { ReportsModule } from './reports/index.js';
import { SchedulesModule } from './schedules/index.js';
import { databaseModule } from './server/database.module.js';
import { TrendsModule } from './trends/index.js';

/** The whole service; what a process does of it is `config.role`. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        databaseModule(),
        RedisModule,
        AuthModule,
        ProjectsModule,
        RealtimeModule,
        QualityModule,
        HealthModule,
        SchedulesModule,
        NotificationsModule,
        ExecutionsModule.register(),
        MetricsModule,
        TrendsModule,
        ReportsModule,
        GatesModule,
        AlertsModule,
        DashboardsModule,
        ExportsModule,
        DemoModule,
      ],
    };
  }
}
