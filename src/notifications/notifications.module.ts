import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ChannelDrafts } from './channel-drafts.js';
import { ChannelSecretsBox } from './channel-secrets.js';
import { ChannelsService } from './channels.service.js';
import { DeliveryHints } from './delivery/delivery-hints.js';
import { GuardedAgent } from './guard/guarded-agent.js';
import { HostResolver } from './guard/host-resolver.js';
import { TargetGuard } from './guard/target-guard.js';
import { MessageRenderers } from './message-renderers.js';
import { Outbox } from './outbox.js';
import { ChannelsRepository } from './persistence/channels.repository.js';
import {
  CHANNEL,
  ChannelSchema,
  DELIVERY,
  DeliverySchema,
  ENDPOINT,
  EndpointSchema,
} from './persistence/notification.schemas.js';
import { OutboxRepository } from './persistence/outbox.repository.js';

/** Delivers what features have to say: channels, outbox, delivery log, inbox, preferences. */
@Module({
  imports: [
    MongooseModule.forFeature([
      { name: CHANNEL, schema: ChannelSchema },
      { name: DELIVERY, schema: DeliverySchema },
      { name: ENDPOINT, schema: EndpointSchema },
    ]),
  ],
  providers: [
    ChannelDrafts,
    ChannelSecretsBox,
    ChannelsRepository,
    ChannelsService,
    DeliveryHints,
    GuardedAgent,
    HostResolver,
    MessageRenderers,
    Outbox,
    OutboxRepository,
    TargetGuard,
  ],
  exports: [ChannelsService, MessageRenderers, Outbox],
})
export class NotificationsModule {}
