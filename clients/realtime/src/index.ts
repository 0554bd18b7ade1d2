export { applyToDashboard } from './dashboard-state.js';
export type {
  Alert,
  AlertCounts,
  AlertsState,
  DashboardDelta,
  DashboardState,
  DashboardWidget,
  Delta,
  DeltaOf,
  ExportState,
  InboxDelta,
  InboxMessage,
  InboxState,
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
