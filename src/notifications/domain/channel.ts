export const CHANNEL_KINDS = ['email', 'slack', 'teams', 'webhook', 'inbox'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

export const SMTP_SECURITY = ['tls', 'starttls', 'none'] as const;
export type SmtpSecurity = (typeof SMTP_SECURITY)[number];

/** A mail server of a channel's own; without one the installation's is used. The password is kept sealed elsewhere. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly security: SmtpSecurity;
  readonly user?: string;
}

/** What may be shown of a channel's settings: no secret is among it. */
export interface ChannelSettings {
  /** email: addresses. */
  readonly to?: readonly string[];
  readonly cc?: readonly string[];
  readonly from?: string;
  readonly smtp?: SmtpServer;
  /** slack, teams, webhook: origin of the URL. The rest of it is a secret: for many receivers the path is the token. */
  readonly target?: string;
  /** webhook: names of further headers of each request. Their values are secrets. */
  readonly headerNames?: readonly string[];
  /** inbox: subjects (`sub` of their tokens) of the users. */
  readonly users?: readonly string[];
}

/** The last characters of each secret, for people to tell them apart. */
export interface SecretHints {
  readonly url?: string;
  readonly password?: string;
  readonly signing?: string;
}

/** A way to reach people or programs. Never holds a secret. */
export interface Channel {
  readonly channelId: string;
  readonly organization: string;
  /** Key of the project it belongs to; absent: the whole organization's. */
  readonly project?: string;
  readonly name: string;
  readonly description?: string;
  readonly kind: ChannelKind;
  readonly enabled: boolean;
  /** Why it is off, where the service or somebody switched it off. */
  readonly disabledReason?: string;
  readonly settings: ChannelSettings;
  readonly hints: SecretHints;
  /** webhook: until when the secret before the newest signs too. */
  readonly oldSecretValidUntil?: Date;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The secrets of a channel, opened, for the moment of sending. */
export interface ChannelSecrets {
  readonly url?: string;
  readonly password?: string;
  /** webhook: further headers of each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** webhook: those that sign now, newest first. */
  readonly signing: readonly string[];
}

/** Endpoints that must not get more than one message in so many ms; 0: no such limit. */
export const GAP_MS: Readonly<Record<ChannelKind, number>> = {
  // https://api.slack.com/docs/rate-limits: one message a second and channel
  slack: 1_000,
  // workflows take four requests a second
  teams: 250,
  email: 0,
  webhook: 0,
  inbox: 0,
};

/** Attempts at one endpoint that may be under way at the same time, per worker. */
export const CONCURRENCY: Readonly<Record<ChannelKind, number>> = {
  slack: 1,
  teams: 2,
  email: 4,
  webhook: 6,
  inbox: 8,
};

/** The last four characters; nothing of a secret that is too short to hide the rest. */
export const hintOf = (secret: string): string => (secret.length >= 12 ? `…${secret.slice(-4)}` : '…');
