import type { MessageAttachment, RenderedMessage } from './message.js';

/** A line that may lead somewhere. */
export interface MessageLine {
  readonly text: string;
  readonly href?: string;
}

/** What a message says, once for all its forms. Texts are plain: each form escapes them in its own way. */
export interface MessageContent {
  /** One line: subject, heading. */
  readonly title: string;
  /** Colour of the message: something is wrong, something is well again, or neither. */
  readonly tone?: 'bad' | 'warning' | 'good' | 'neutral';
  /** One or two sentences. */
  readonly summary: string;
  /** What, since when, how bad: a label and its value each. */
  readonly facts?: readonly (MessageLine & { readonly label: string })[];
  readonly sections?: readonly { readonly title: string; readonly lines: readonly MessageLine[] }[];
  /** Buttons. */
  readonly actions?: readonly { readonly label: string; readonly href: string }[];
  /** Where everything stands: what does not fit is to be read there. */
  readonly href?: string;
  /** Why the reader gets this. */
  readonly footer?: string;
  readonly webhook: RenderedMessage['webhook'];
  readonly attachments?: readonly MessageAttachment[];
}

/** At most so many characters; an ellipsis stands for the rest. Never half of a surrogate pair. */
export const truncate = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/\p{Surrogate}$/u, '')}…`;

/** Line breaks and control characters become spaces: a subject is one line. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
