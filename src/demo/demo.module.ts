import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { DashboardsModule } from '../dashboards/index.js';
import { DemoDashboards } from './demo-dashboards.js';
import { DemoLoader } from './demo-loader.js';
import { DemoRemover } from './demo-remover.js';
import { DEMO_LOAD, DemoLoadSchema } from './persistence/demo-load.schema.js';
import { DemoLoadsRepository } from './persistence/demo-loads.repository.js';

/** Stands on the global modules of `projects` and `executions`. */
@Module({
  imports: [DashboardsModule, MongooseModule.forFeature([{ name: DEMO_LOAD, schema: DemoLoadSchema }])],
  providers: [DemoDashboards, DemoLoader, DemoRemover, DemoLoadsRepository],
  exports: [DemoLoader, DemoRemover],
})
export class DemoModule {}
