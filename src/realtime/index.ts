export { type AsyncApiNode, buildAsyncApi } from './asyncapi/build-async-api.js';
export { RealtimeAdapter } from './realtime-adapter.js';
export { RealtimeFigures } from './realtime-figures.js';
export { RealtimeModule } from './realtime.module.js';
export { RealtimeRooms } from './realtime-rooms.js';
export type { MakeUpdates } from './publish/room-work.js';
export type {
  Guest,
  GuestAuthenticator,
  LocalRoom,
  PublishOptions,
  RoomDefinition,
  RoomMessage,
  RoomPlace,
  RoomUpdate,
} from './room.js';
