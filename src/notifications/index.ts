export { ChannelsService } from './channels.service.js';
export { type Channel, CHANNEL_KINDS, type ChannelKind } from './domain/channel.js';
export {
  type MessageAttachment,
  type MessageRenderer,
  type OutgoingMessage,
  type RenderContext,
  type RenderedMessage,
  SEVERITIES,
  type Severity,
} from './domain/message.js';
export { MessageRenderers } from './message-renderers.js';
export { NotificationsModule } from './notifications.module.js';
export { Outbox } from './outbox.js';
