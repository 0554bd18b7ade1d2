import { Injectable } from '@nestjs/common';
import { AuditService, type Principal, systemActor } from '../auth/index.js';
import {
  Clock,
  DomainError,
  invalid,
  mayTouchProject,
  notFound,
  type Page,
  type Scope,
  systemScope,
} from '../common/index.js';
import { type ChannelInput, ChannelDrafts } from './channel-drafts.js';
import { ChannelSecretsBox } from './channel-secrets.js';
import { ChannelUsages } from './channel-usages.js';
import type { Channel, ChannelKind } from './domain/channel.js';
import { newSigningSecret } from './domain/signature.js';
import {
  type ChannelChanges,
  type ChannelFilter,
  ChannelsRepository,
  type StoredChannel,
} from './persistence/channels.repository.js';
import { EndpointsRepository } from './persistence/endpoints.repository.js';

export interface NewChannel extends ChannelInput {
  readonly name: string;
  readonly description?: string;
  readonly kind: ChannelKind;
  /** Key of a project; absent: the organization's. */
  readonly project?: string;
}

/** Fields left out stay as they are; the settings of the channel's kind are replaced as a whole. */
export type ChannelUpdate = ChannelInput & { readonly name?: string; readonly description?: string };

/** A channel with the secret that the service made for it, which is shown this once. */
export interface ChannelWithSecret {
  readonly channel: Channel;
  readonly secret?: string;
}

const HOUR_MS = 3_600_000;
/** The settings of a kind are replaced as a whole: what of their secrets is not given again goes. */
const NO_SECRETS = { url: null, password: null, headers: null };

/** How people and programs are reached. Secrets go in, and never out again. */
@Injectable()
export class ChannelsService {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly drafts: ChannelDrafts,
    private readonly secrets: ChannelSecretsBox,
    private readonly endpoints: EndpointsRepository,
    private readonly usages: ChannelUsages,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 409 `channel_exists`; 422 `target_not_allowed`; 403 outside the caller's projects */
  async create(principal: Principal, draft: NewChannel): Promise<ChannelWithSecret> {
    const { name, description, kind, project, ...input } = draft;
    assertMayChange(principal, project);
    const { settings, secrets } = await this.drafts.check(kind, input);
    const channelId = this.channels.newId();
    const now = this.clock.now();
    const { sealed, hints } = this.secrets.seal(channelId, secrets);
    const channel: Channel = {
      ...{ channelId, organization: principal.organization, name, kind, enabled: true, settings, hints },
      ...(project !== undefined && { project }),
      ...(description !== undefined && { description }),
      ...{ createdBy: principal.subject, createdAt: now, updatedAt: now },
    };
    await this.channels.insert(principal.scope, { ...channel, sealed });
    await this.record(principal, 'channel.created', channel, { name, kind, settings });
    return { channel, ...(secrets.signing !== undefined && { secret: secrets.signing }) };
  }

  async list(scope: Scope, filter: ChannelFilter, limit: number, cursor?: string): Promise<Page<Channel>> {
    return this.channels.list(scope, filter, limit, cursor);
  }

  /** undefined where there is none that the scope may see. */
  find(scope: Scope, channelId: string): Promise<StoredChannel | undefined> {
    return this.channels.find(scope, channelId);
  }

  /** Those of them that are there and that the scope may see. */
  findMany(scope: Scope, channelIds: readonly string[]): Promise<readonly StoredChannel[]> {
    return this.channels.findMany(scope, channelIds);
  }

  /** @throws DomainError 404 */
  async get(scope: Scope, channelId: string): Promise<StoredChannel> {
    const found = await this.channels.find(scope, channelId);
    if (!found) throw notFound('Channel');
    return found;
  }

  /**
   * For features that let a caller choose channels: all of them, in the order asked for.
   * @param pointer of the list in the request
   * @throws DomainError 422 `unknown_channel` that names the first one that is not there or not the caller's
   */
  async requireAll(scope: Scope, channelIds: readonly string[], pointer: string): Promise<readonly Channel[]> {
    const found = new Map((await this.channels.findMany(scope, channelIds)).map((one) => [one.channelId, one]));
    return channelIds.map((channelId, index) => {
      const channel = found.get(channelId);
      if (channel) return channel;
      const detail = `there is no channel ${channelId}`;
      throw invalid('unknown_channel', 'A channel is not known', [{ pointer: `${pointer}/${index}`, detail }]);
    });
  }

  /** @throws DomainError 404; 403; 409 `channel_exists`; 422 `target_not_allowed` */
  async update(principal: Principal, channelId: string, update: ChannelUpdate): Promise<Channel> {
    const before = await this.changeable(principal, channelId);
    const { name, description, ...input } = update;
    const changes: ChannelChanges = {
      name,
      description,
      ...(Object.values<unknown>(input).some((value) => value !== undefined) && (await this.replaced(before, input))),
    };
    const channel = await this.apply(principal, channelId, changes);
    // what the receiver before asked for is no concern of the one now
    if (changes.settings) await this.endpoints.reopen(channelId);
    const { settings } = channel;
    await this.record(principal, 'channel.updated', channel, {
      name,
      description,
      ...(changes.settings && { settings }),
    });
    return channel;
  }

  /** @throws DomainError 404; 403; 409 `channel_in_use` */
  async remove(principal: Principal, channelId: string): Promise<void> {
    const channel = await this.changeable(principal, channelId);
    // whoever names it would go on without a word, and nobody would be told
    await this.usages.assertUnused(principal.scope, channelId);
    if (!(await this.channels.remove(principal.scope, channelId))) throw notFound('Channel');
    await this.record(principal, 'channel.deleted', channel, { name: channel.name });
  }

  /** Enabling it also ends a wait that its receiver asked for. @throws DomainError 404; 403 */
  async setEnabled(principal: Principal, channelId: string, enabled: boolean): Promise<Channel> {
    await this.changeable(principal, channelId);
    const disabledReason = enabled ? null : `Disabled by ${principal.name}`;
    const channel = await this.apply(principal, channelId, { enabled, disabledReason });
    if (enabled) await this.endpoints.reopen(channelId);
    await this.record(principal, enabled ? 'channel.enabled' : 'channel.disabled', channel);
    return channel;
  }

  /**
   * Makes a new signing secret; the one before goes on signing, beside it, for so many hours.
   * @throws DomainError 404; 403; 422 `no_signing_secret` for a channel that does not sign
   */
  async rotate(principal: Principal, channelId: string, graceHours: number): Promise<ChannelWithSecret> {
    const before = await this.changeable(principal, channelId);
    if (before.kind !== 'webhook')
      throw invalid('no_signing_secret', 'Only channels of kind webhook have a signing secret');
    const secret = newSigningSecret();
    const { sealed, hints } = this.secrets.seal(channelId, { signing: secret });
    const oldSigningUntil = new Date(this.clock.now().getTime() + graceHours * HOUR_MS);
    const channel = await this.apply(principal, channelId, {
      hints: { ...before.hints, ...hints },
      sealed: { ...sealed, oldSigning: before.sealed.signing, oldSigningUntil },
    });
    await this.record(principal, 'channel.secret_rotated', channel, { graceHours });
    return { channel, secret };
  }

  /** The receiver says that it is gone for good. */
  async disableGone(channel: Channel, reason: string): Promise<void> {
    const scope = systemScope(channel.organization);
    await this.channels.update(scope, channel.channelId, { enabled: false, disabledReason: reason }, this.clock.now());
    await this.record(systemActor(channel.organization), 'channel.disabled', channel, { reason });
  }

  private async replaced(before: StoredChannel, input: ChannelInput): Promise<ChannelChanges> {
    const { settings, secrets } = await this.drafts.check(before.kind, input);
    // a new address keeps the secret that its receiver knows
    const { sealed, hints } = this.secrets.seal(before.channelId, { ...secrets, signing: undefined });
    const { signing } = before.hints;
    return {
      settings,
      sealed: { ...NO_SECRETS, ...sealed },
      hints: { ...(signing !== undefined && { signing }), ...hints },
    };
  }

  private async apply(principal: Principal, channelId: string, changes: ChannelChanges): Promise<Channel> {
    const changed = await this.channels.update(principal.scope, channelId, changes, this.clock.now());
    if (!changed) throw notFound('Channel');
    return changed;
  }

  private async changeable(principal: Principal, channelId: string): Promise<StoredChannel> {
    const channel = await this.get(principal.scope, channelId);
    assertMayChange(principal, channel.project);
    return channel;
  }

  private async record(
    actor: Parameters<AuditService['record']>[0],
    action: string,
    { channelId, project }: Channel,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const target = { type: 'channel', id: channelId, ...(project !== undefined && { projectKey: project }) };
    await this.audit.record(actor, action, target, details);
  }
}

/** Who is confined to projects changes the channels of those only. */
const assertMayChange = ({ scope }: Principal, project: string | undefined): void => {
  if (scope.projects === 'all' || (project !== undefined && mayTouchProject(scope, project))) return;
  throw new DomainError(
    'forbidden',
    'outside_projects',
    'This caller may change the channels of its own projects only',
    {
      errors: [{ pointer: '/project', detail: 'must be one of the projects of the caller' }],
    },
  );
};
