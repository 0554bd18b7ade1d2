export { CopiesService } from './copies.service.js';
export { DashboardAnswers } from './dashboard-answers.service.js';
export { DashboardsModule } from './dashboards.module.js';
export { DashboardsService } from './dashboards.service.js';
export type { Dashboard, DashboardContent } from './domain/dashboard.js';
export { TEMPLATES } from './domain/templates.js';
export { DASHBOARD_ID as EXAMPLE_DASHBOARD_ID } from './http/dashboard.dto.js';
