import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AlertsModule } from '../alerts/index.js';
import { GatesModule } from '../gates/index.js';
import { MetricsModule } from '../metrics/index.js';
import { QualityModule } from '../quality/index.js';
import { ReportsModule } from '../reports/index.js';
import { TrendsModule } from '../trends/index.js';
import { BoardService } from './board/board.service.js';
import { WidgetSourcesProvider } from './board/widget-sources.js';
import { CopiesService } from './copies.service.js';
import { DashboardAnswers } from './dashboard-answers.service.js';
import { DashboardEvents } from './dashboard-events.js';
import { DashboardsService } from './dashboards.service.js';
import { DrilldownLinkService } from './drilldown-link.service.js';
import { CopiesController } from './http/copies.controller.js';
import { DashboardsController } from './http/dashboards.controller.js';
import { PersonalController } from './http/personal.controller.js';
import { SharedDashboardsController, SharesController } from './http/shares.controller.js';
import { VersionsController } from './http/versions.controller.js';
import { WidgetsController } from './http/widgets.controller.js';
import {
  DASHBOARD,
  DASHBOARD_SHARE,
  DASHBOARD_USER,
  DASHBOARD_VERSION,
  DashboardSchema,
  ShareSchema,
  UserSettingsSchema,
  VersionSchema,
} from './persistence/dashboard.schemas.js';
import { DashboardsRepository } from './persistence/dashboards.repository.js';
import { SharesRepository } from './persistence/shares.repository.js';
import { UserSettingsRepository } from './persistence/user-settings.repository.js';
import { VersionsRepository } from './persistence/versions.repository.js';
import { DashboardRoom } from './realtime/dashboard-room.js';
import { DashboardRoomUpdates } from './realtime/room-updates.js';
import { SharesService } from './shares.service.js';
import { UserSettingsService } from './user-settings.service.js';
import { FiguresService } from './widgets/figures.service.js';

/** Boards of widgets over everything that the rooms to the left can answer. */
@Module({
  imports: [
    MetricsModule,
    TrendsModule,
    QualityModule,
    ReportsModule,
    GatesModule,
    AlertsModule,
    MongooseModule.forFeature([
      { name: DASHBOARD, schema: DashboardSchema },
      { name: DASHBOARD_VERSION, schema: VersionSchema },
      { name: DASHBOARD_SHARE, schema: ShareSchema },
      { name: DASHBOARD_USER, schema: UserSettingsSchema },
    ]),
  ],
  // fixed paths first: they would be ids to the others
  controllers: [
    WidgetsController,
    PersonalController,
    CopiesController,
    VersionsController,
    SharesController,
    SharedDashboardsController,
    DashboardsController,
  ],
  providers: [
    BoardService,
    CopiesService,
    DashboardAnswers,
    DashboardEvents,
    DashboardRoom,
    DashboardRoomUpdates,
    DashboardsRepository,
    DashboardsService,
    DrilldownLinkService,
    FiguresService,
    SharesRepository,
    SharesService,
    UserSettingsRepository,
    UserSettingsService,
    VersionsRepository,
    WidgetSourcesProvider,
  ],
  exports: [BoardService, CopiesService, DashboardAnswers, DashboardsService],
})
export class DashboardsModule {}
