import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ExecutionsModule } from '../executions/index.js';
import { MetricsModule } from '../metrics/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { QualityModule } from '../quality/index.js';
import { RealtimeModule } from '../realtime/index.js';
import { ReportsModule } from '../reports/index.js';
import { AlertHistoryService } from './alert-history.service.js';
import { AlertChannels } from './alert-channels.js';
import { AlertLinksService } from './alert-links.service.js';
import { AlertActionsService } from './alert-actions.service.js';
import { AlertStatusService } from './alert-status.service.js';
import { AlertsRoom } from './room/alerts-room.js';
import { BacktestService } from './backtest.service.js';
import { EscalationPoliciesService } from './escalation-policies.service.js';
import { AlertFeed } from './evaluation/alert-feed.js';
import { AlertWriter } from './evaluation/alert-writer.service.js';
import { CulpritsService } from './evaluation/culprits.service.js';
import { EvaluationLoops } from './evaluation/evaluation-loops.js';
import { Evaluator } from './evaluation/evaluator.service.js';
import { NewFailureReader } from './evaluation/new-failure-reader.service.js';
import { Orphans } from './evaluation/orphans.service.js';
import { Regrouper } from './evaluation/regrouper.service.js';
import { RuleMetricsService } from './evaluation/rule-metrics.js';
import { RuleReader } from './evaluation/rule-reader.service.js';
import { TestIds } from './evaluation/test-ids.service.js';
import { AlertLinksController } from './http/alert-links.controller.js';
import { AlertsController } from './http/alerts.controller.js';
import { EscalationPoliciesController } from './http/escalation-policies.controller.js';
import { InhibitionsController } from './http/inhibitions.controller.js';
import { AlertRulesController } from './http/rules.controller.js';
import { SilencesController } from './http/silences.controller.js';
import { InhibitionsService } from './inhibitions.service.js';
import { ActionLinks } from './messages/action-links.service.js';
import { AlertRenderer } from './messages/alert-renderer.service.js';
import { AlertRetention } from './notices/alert-retention.js';
import { Escalator } from './notices/escalator.service.js';
import { MutesService } from './notices/mutes.service.js';
import { AlertSweeper } from './notices/alert-sweeper.js';
import { Notifier } from './notices/notifier.service.js';
import {
  ALERT,
  ALERT_EVENT,
  AlertEventSchema,
  AlertSchema,
  ESCALATION_POLICY,
  EscalationPolicySchema,
  INHIBITION,
  InhibitionSchema,
  NOTICE_GROUP,
  NoticeGroupSchema,
  RULE,
  RuleSchema,
  SILENCE,
  SilenceSchema,
} from './persistence/alert.schemas.js';
import { AlertsRepository } from './persistence/alerts.repository.js';
import { EscalationPoliciesRepository } from './persistence/escalation-policies.repository.js';
import { InhibitionsRepository } from './persistence/inhibitions.repository.js';
import { NoticeGroupsRepository } from './persistence/notice-groups.repository.js';
import { RulesRepository } from './persistence/rules.repository.js';
import { SilencesRepository } from './persistence/silences.repository.js';
import { TimelineRepository } from './persistence/timeline.repository.js';
import { AlertRulesService } from './rules.service.js';
import { SilencesService } from './silences.service.js';

/** Decides what is wrong, and who is told of it and when: rules, alerts, groups, silences, inhibition, escalation. */
@Module({
  imports: [
    ExecutionsModule,
    MetricsModule,
    NotificationsModule,
    QualityModule,
    RealtimeModule,
    ReportsModule,
    MongooseModule.forFeature([
      { name: RULE, schema: RuleSchema },
      { name: ALERT, schema: AlertSchema },
      { name: ALERT_EVENT, schema: AlertEventSchema },
      { name: NOTICE_GROUP, schema: NoticeGroupSchema },
      { name: SILENCE, schema: SilenceSchema },
      { name: INHIBITION, schema: InhibitionSchema },
      { name: ESCALATION_POLICY, schema: EscalationPolicySchema },
    ]),
  ],
  controllers: [
    AlertLinksController,
    AlertsController,
    AlertRulesController,
    SilencesController,
    InhibitionsController,
    EscalationPoliciesController,
  ],
  providers: [
    ActionLinks,
    AlertChannels,
    AlertLinksService,
    AlertRenderer,
    AlertActionsService,
    AlertFeed,
    AlertHistoryService,
    AlertRetention,
    AlertRulesService,
    AlertsRepository,
    AlertsRoom,
    AlertStatusService,
    AlertSweeper,
    AlertWriter,
    BacktestService,
    CulpritsService,
    EscalationPoliciesRepository,
    EscalationPoliciesService,
    Escalator,
    EvaluationLoops,
    Evaluator,
    InhibitionsRepository,
    InhibitionsService,
    MutesService,
    NewFailureReader,
    NoticeGroupsRepository,
    Notifier,
    Orphans,
    Regrouper,
    RuleMetricsService,
    RuleReader,
    RulesRepository,
    SilencesRepository,
    SilencesService,
    TestIds,
    TimelineRepository,
  ],
  exports: [AlertHistoryService, AlertStatusService, AlertRulesService, AlertSweeper, EvaluationLoops],
})
export class AlertsModule {}
