import type { ChannelKind } from './channel.js';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

interface MessageBase {
  readonly organization: string;
  /** Which renderer makes the message, such as `alert`. */
  readonly kind: string;
  /** A second message with this key in the organization is the same message: it is not stored again. */
  readonly dedupeKey: string;
  /** What the renderer needs to read the state when it is sent: ids, and little else. Plain JSON. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** `medium` unless told; people choose by it how they are reached. */
  readonly severity?: Severity;
  /** Keys of the projects it is about: who may not see all of them does not see it in the delivery log and the inbox. */
  readonly projects?: readonly string[];
  /** It says something of every project, whatever `projects` names: only who is confined to none sees it. */
  readonly wide?: boolean;
  /** It is not sent before. */
  readonly notBefore?: Date;
}

/** A message to be delivered over a channel, or to one user (the way the user prefers). */
export type OutgoingMessage = MessageBase &
  ({ readonly channelId: string; readonly user?: never } | { readonly user: string; readonly channelId?: never });

/** What a renderer is told. */
export interface RenderContext {
  readonly organization: string;
  /** Stays the same over all attempts. */
  readonly deliveryId: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly severity: Severity;
  readonly channel: { readonly kind: ChannelKind; readonly channelId?: string; readonly name: string };
  /** The user it goes to, where it goes to one. */
  readonly user?: string;
  /** Of this attempt. */
  readonly now: Date;
  /** Where people reach the service, without a slash at its end. */
  readonly publicUrl: string;
}

export interface MessageAttachment {
  readonly filename: string;
  readonly content: Buffer;
  readonly contentType: string;
}

/** A message in all its forms; `composeMessage` makes them from one description. */
export interface RenderedMessage {
  readonly subject: string;
  readonly text: string;
  /** A whole HTML document. */
  readonly html: string;
  /** Slack's Block Kit. */
  readonly slackBlocks: readonly Readonly<Record<string, unknown>>[];
  /** Content of an adaptive card. */
  readonly teamsCard: Readonly<Record<string, unknown>>;
  readonly webhook: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly inbox: { readonly title: string; readonly body: string; readonly href?: string };
  /** email only. */
  readonly attachments?: readonly MessageAttachment[];
}

/**
 * Makes a message from the state as it is now. undefined: there is nothing to say any more, and the delivery is
 * cancelled. What it throws counts as a failed attempt, and is tried again.
 */
export type MessageRenderer = (
  context: RenderContext,
) => Promise<RenderedMessage | undefined> | RenderedMessage | undefined;
