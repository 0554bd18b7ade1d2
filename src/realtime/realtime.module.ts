import { Global, Module } from '@nestjs/common';
import { RealtimeFigures } from './realtime-figures.js';
import { RealtimeGateway } from './realtime.gateway.js';
import { RealtimeRooms } from './realtime-rooms.js';
import { RoomWork } from './publish/room-work.js';
import { Claims } from './redis/claims.js';
import { FeedReader } from './redis/feed-reader.js';
import { Presence } from './redis/presence.js';
import { RoomLog } from './redis/room-log.js';
import { RoomRegistry } from './room-registry.js';
import { Deliverer } from './transport/deliverer.js';
import { LocalRooms } from './transport/local-rooms.js';
import { Sessions } from './transport/sessions.js';
import { SocketAuthenticator } from './transport/socket-authenticator.js';
import { StalledClients } from './transport/stalled-clients.js';
import { SubscriptionsService } from './transport/subscriptions.service.js';
import { WatchService } from './transport/watch.service.js';

/** The transport: sockets, rooms, sequence numbers. Knows no feature; global, so that each can offer its rooms. */
@Global()
@Module({
  providers: [
    Claims,
    Deliverer,
    FeedReader,
    LocalRooms,
    Presence,
    RealtimeFigures,
    RealtimeGateway,
    RealtimeRooms,
    RoomLog,
    RoomRegistry,
    RoomWork,
    Sessions,
    SocketAuthenticator,
    StalledClients,
    SubscriptionsService,
    WatchService,
  ],
  exports: [RealtimeFigures, RealtimeRooms],
})
export class RealtimeModule {}
