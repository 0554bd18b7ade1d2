export { type ChannelUse, ChannelUsages } from './channel-usages.js';
export { ChannelsService } from './channels.service.js';
export { DeliveriesService } from './deliveries.service.js';
export { DeliveryOptions } from './delivery/delivery-options.js';
export { type Channel, CHANNEL_KINDS, type ChannelKind } from './domain/channel.js';
export { composeMessage } from './domain/compose.js';
export { escapeHtml } from './domain/compose-html.js';
export { type Attempt, type Delivery, DELIVERY_STATES, type DeliveryState } from './domain/delivery.js';
export {
  type MessageAttachment,
  type MessageRenderer,
  type OutgoingMessage,
  type RenderContext,
  type RenderedMessage,
  SEVERITIES,
  type Severity,
} from './domain/message.js';
export { type MessageContent, type MessageLine, oneLine, truncate } from './domain/message-content.js';
export { HostResolver } from './guard/host-resolver.js';
export { NOTIFICATION_WEBHOOKS } from './http/webhook-docs.js';
export { MessageRenderers } from './message-renderers.js';
export { NotificationsModule } from './notifications.module.js';
export { Outbox } from './outbox.js';
export type { DeliveryFilter } from './persistence/deliveries.repository.js';
