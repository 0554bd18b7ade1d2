import { Injectable } from '@nestjs/common';
import { invalid } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import type { PlainSecrets } from './channel-secrets.js';
import type { ChannelKind, ChannelSettings, SmtpServer } from './domain/channel.js';
import { newSigningSecret } from './domain/signature.js';
import { TargetGuard } from './guard/target-guard.js';

/** What a caller says of a channel of each kind: public settings and secrets together. */
export interface ChannelInput {
  readonly email?: {
    readonly to: readonly string[];
    readonly cc?: readonly string[];
    readonly from?: string;
    readonly smtp?: SmtpServer & { readonly password?: string };
  };
  readonly slack?: { readonly url: string };
  readonly teams?: { readonly url: string };
  readonly webhook?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  readonly inbox?: { readonly users: readonly string[] };
}

export interface CheckedInput {
  readonly settings: ChannelSettings;
  readonly secrets: PlainSecrets;
}

const SMTP_PORTS = [25, 465, 587, 2525];
/** Ours, or the connection's own. */
const RESERVED_HEADERS =
  /^(host|connection|content-.*|transfer-encoding|te|upgrade|keep-alive|expect|trailer|proxy-.*|webhook-.*|user-agent)$/i;

/** Checks what a channel would be before it is stored: that its target may be called at all. */
@Injectable()
export class ChannelDrafts {
  constructor(
    private readonly guard: TargetGuard,
    private readonly config: AppConfig,
  ) {}

  /** @throws DomainError 422 `validation_failed` or `target_not_allowed` */
  async check(kind: ChannelKind, input: ChannelInput): Promise<CheckedInput> {
    const wrong = Object.keys(input).find((name) => name !== kind && input[name as ChannelKind] !== undefined);
    if (wrong !== undefined) throw problem(`/${wrong}`, `belongs to a channel of kind ${wrong}`);
    if (input[kind] === undefined) throw problem(`/${kind}`, `is needed for a channel of kind ${kind}`);
    if (input.email) return this.email(input.email);
    if (input.inbox) return { settings: { users: [...new Set(input.inbox.users)] }, secrets: {} };
    if (input.webhook) return this.webhook(input.webhook);
    return this.hook(kind, (input.slack ?? input.teams)!.url);
  }

  private async hook(kind: ChannelKind, url: string): Promise<CheckedInput> {
    await this.guard.assertUrl(url, `/${kind}/url`);
    return { settings: { target: new URL(url).origin }, secrets: { url } };
  }

  private async webhook({ url, headers }: NonNullable<ChannelInput['webhook']>): Promise<CheckedInput> {
    await this.guard.assertUrl(url, '/webhook/url');
    for (const [name, value] of Object.entries(headers ?? {})) assertHeader(name, value);
    return {
      settings: { target: new URL(url).origin, ...(headers && { headerNames: Object.keys(headers) }) },
      secrets: { url, signing: newSigningSecret(), ...(headers && { headers }) },
    };
  }

  private async email({ smtp, to, cc, from }: NonNullable<ChannelInput['email']>): Promise<CheckedInput> {
    if (!smtp) {
      if (this.config.smtpUrl === undefined)
        throw problem('/email/smtp', 'is needed: this installation has no mail server of its own (SMTP_URL)');
      // it would send in the installation's name
      if (from !== undefined) throw problem('/email/from', 'needs a mail server of its own');
      return { settings: { to, ...(cc && { cc }) }, secrets: {} };
    }
    const { password, ...server } = smtp;
    await this.guard.assertHost(server.host, '/email/smtp/host');
    const { allowPrivate, allowed } = this.guard.policy;
    const trusted = allowPrivate || allowed.includes(server.host.toLowerCase());
    if (!trusted && !SMTP_PORTS.includes(server.port))
      throw problem('/email/smtp/port', `must be one of: ${SMTP_PORTS.join(', ')}`);
    if (!trusted && server.security === 'none') throw problem('/email/smtp/security', 'must be tls or starttls');
    if ((server.user === undefined) !== (password === undefined))
      throw problem('/email/smtp/password', 'user and password belong together');
    return {
      settings: { to, ...(cc && { cc }), ...(from !== undefined && { from }), smtp: server },
      secrets: { ...(password !== undefined && { password }) },
    };
  }
}

const assertHeader = (name: string, value: string): void => {
  const pointer = `/webhook/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (!/^[\w-]{1,100}$/.test(name)) throw problem(pointer, 'its name must be of letters, digits and hyphens');
  if (RESERVED_HEADERS.test(name)) throw problem(pointer, 'is set by the service');
  if (!/^[\x20-\x7e]{1,1000}$/.test(value)) throw problem(pointer, 'must be a line of printable ASCII');
};

const problem = (pointer: string, detail: string) =>
  invalid('validation_failed', 'Some fields are not valid', [{ pointer, detail }]);
