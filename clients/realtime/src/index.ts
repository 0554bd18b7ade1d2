export { applyToDashboard } from './dashboard-state.js';
export type {
  DashboardDelta,
  DashboardState,
  DashboardWidget,
  Delta,
  DeltaOf,
  LiveResult,
  LiveRun,
  Problem,
  RoomKinds,
  SnapshotOf,
} from './messages.js';
export {
  RealtimeClient,
  type RealtimeClientOptions,
  type SubscribeOptions,
  type Subscription,
} from './realtime-client.js';
