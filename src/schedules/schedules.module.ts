import { Module } from '@nestjs/common';
import { ScheduledJobs } from './scheduled-jobs.js';

/** Recurring jobs: features register what can be done, people say when and who hears of it. */
@Module({
  providers: [ScheduledJobs],
  exports: [ScheduledJobs],
})
export class SchedulesModule {}
