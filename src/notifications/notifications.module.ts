import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ChannelDrafts } from './channel-drafts.js';
import { ChannelSealer } from './channel-sealer.js';
import { ChannelSecretsBox } from './channel-secrets.js';
import { ChannelUsages } from './channel-usages.js';
import { ChannelsService } from './channels.service.js';
import { DeliveriesService } from './deliveries.service.js';
import { AttemptRunner } from './delivery/attempt-runner.js';
import { ChannelTester } from './delivery/channel-tester.js';
import { DeliveryHints } from './delivery/delivery-hints.js';
import { DeliveryOptions } from './delivery/delivery-options.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { EndpointGate } from './delivery/endpoint-gate.js';
import { MessageMaker } from './delivery/message-maker.js';
import { UserDelivery } from './delivery/user-delivery.service.js';
import { GuardedAgent } from './guard/guarded-agent.js';
import { HostResolver } from './guard/host-resolver.js';
import { TargetGuard } from './guard/target-guard.js';
import { ChannelsController } from './http/channels.controller.js';
import { DeliveriesController } from './http/deliveries.controller.js';
import { InboxController } from './http/inbox.controller.js';
import { InboxEvents } from './inbox-events.js';
import { InboxService } from './inbox.service.js';
import { MessageRenderers } from './message-renderers.js';
import { Outbox } from './outbox.js';
import { ChannelsRepository } from './persistence/channels.repository.js';
import { DeliveriesRepository } from './persistence/deliveries.repository.js';
import { DeliveryQueueRepository } from './persistence/delivery-queue.repository.js';
import { EndpointsRepository } from './persistence/endpoints.repository.js';
import { InboxRepository } from './persistence/inbox.repository.js';
import {
  CHANNEL,
  ChannelSchema,
  DELIVERY,
  DeliverySchema,
  ENDPOINT,
  EndpointSchema,
} from './persistence/notification.schemas.js';
import { OutboxRepository } from './persistence/outbox.repository.js';
import { PreferencesRepository } from './persistence/preferences.repository.js';
import { UserDeliveriesRepository } from './persistence/user-deliveries.repository.js';
import { INBOX, InboxSchema, PREFERENCES, PreferencesSchema } from './persistence/user.schemas.js';
import { PreferencesService } from './preferences.service.js';
import { EmailTransport } from './transports/email.transport.js';
import { HttpSender } from './transports/http-sender.js';
import { MailPool } from './transports/mail-pool.js';
import { SlackTransport, TeamsTransport, WebhookTransport } from './transports/web-transports.js';

const persistence = [
  ChannelsRepository,
  DeliveriesRepository,
  DeliveryQueueRepository,
  EndpointsRepository,
  InboxRepository,
  OutboxRepository,
  PreferencesRepository,
  UserDeliveriesRepository,
];
const guard = [GuardedAgent, HostResolver, TargetGuard];
const transports = [EmailTransport, HttpSender, MailPool, SlackTransport, TeamsTransport, WebhookTransport];
const delivery = [
  AttemptRunner,
  ChannelTester,
  DeliveryHints,
  DeliveryOptions,
  Dispatcher,
  EndpointGate,
  MessageMaker,
  UserDelivery,
];

/** Delivers what features have to say: channels, outbox, delivery log, inbox, preferences. */
@Module({
  imports: [
    MongooseModule.forFeature([
      { name: CHANNEL, schema: ChannelSchema },
      { name: DELIVERY, schema: DeliverySchema },
      { name: ENDPOINT, schema: EndpointSchema },
      { name: INBOX, schema: InboxSchema },
      { name: PREFERENCES, schema: PreferencesSchema },
    ]),
  ],
  controllers: [ChannelsController, DeliveriesController, InboxController],
  providers: [
    ...persistence,
    ...guard,
    ...transports,
    ...delivery,
    ChannelDrafts,
    ChannelSealer,
    ChannelSecretsBox,
    ChannelsService,
    ChannelUsages,
    DeliveriesService,
    InboxEvents,
    InboxService,
    MessageRenderers,
    Outbox,
    PreferencesService,
  ],
  exports: [ChannelsService, ChannelUsages, DeliveriesService, MessageRenderers, Outbox],
})
export class NotificationsModule {}
