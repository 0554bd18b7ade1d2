import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AlertsModule } from '../alerts/index.js';
import { DashboardsModule } from '../dashboards/index.js';
import { GatesModule } from '../gates/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { SchedulesModule } from '../schedules/index.js';
import { DemoDashboards } from './demo-dashboards.js';
import { DemoExamples } from './demo-examples.js';
import { DemoLoader } from './demo-loader.js';
import { DemoRemover } from './demo-remover.js';
import { DEMO_LOAD, DemoLoadSchema } from './persistence/demo-load.schema.js';
import { DemoLoadsRepository } from './persistence/demo-loads.repository.js';

/** Stands on the global modules of `projects` and `executions`. */
@Module({
  imports: [
    AlertsModule,
    DashboardsModule,
    GatesModule,
    NotificationsModule,
    SchedulesModule,
    MongooseModule.forFeature([{ name: DEMO_LOAD, schema: DemoLoadSchema }]),
  ],
  providers: [DemoDashboards, DemoExamples, DemoLoader, DemoRemover, DemoLoadsRepository],
  exports: [DemoLoader, DemoRemover],
})
export class DemoModule {}
