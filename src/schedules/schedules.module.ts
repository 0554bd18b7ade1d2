import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { NotificationsModule } from '../notifications/index.js';
import { FileLinks } from './file-links.js';
import { ScheduleRunsController } from './http/schedule-runs.controller.js';
import { SchedulesController } from './http/schedules.controller.js';
import { JobExecutor } from './job-executor.js';
import { ScheduleLeases } from './persistence/schedule-leases.js';
import { ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { RunSchema, SCHEDULE, SCHEDULE_RUN, ScheduleSchema } from './persistence/schedule.schemas.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';
import { RunHistoryService } from './run-history.service.js';
import { RunSettler } from './run-settler.js';
import { ScheduleChannels } from './schedule-channels.js';
import { ScheduleMessages } from './schedule-messages.js';
import { SchedulePlanner } from './schedule-planner.js';
import { SchedulePreviews } from './schedule-previews.service.js';
import { ScheduleRunner } from './schedule-runner.js';
import { ScheduleSweeper } from './schedule-sweeper.js';
import { ScheduledJobs } from './scheduled-jobs.js';
import { SchedulesService } from './schedules.service.js';

/** Recurring jobs: features register what can be done, people say when and who hears of it. */
@Module({
  imports: [
    NotificationsModule,
    MongooseModule.forFeature([
      { name: SCHEDULE, schema: ScheduleSchema },
      { name: SCHEDULE_RUN, schema: RunSchema },
    ]),
  ],
  controllers: [SchedulesController, ScheduleRunsController],
  providers: [
    FileLinks,
    JobExecutor,
    RunHistoryService,
    RunSettler,
    ScheduleChannels,
    ScheduleLeases,
    ScheduleMessages,
    SchedulePlanner,
    SchedulePreviews,
    ScheduleRunner,
    ScheduleRunsRepository,
    ScheduleSweeper,
    ScheduledJobs,
    SchedulesRepository,
    SchedulesService,
  ],
  exports: [ScheduledJobs, SchedulesService],
})
export class SchedulesModule {}
