export type {
  FileAccess,
  JobContext,
  JobFigure,
  JobFile,
  JobLink,
  JobOptions,
  JobOutcome,
  ScheduledJob,
} from './domain/job.js';
export { ScheduledJobs } from './scheduled-jobs.js';
export { SchedulesModule } from './schedules.module.js';
export { SchedulesService } from './schedules.service.js';
