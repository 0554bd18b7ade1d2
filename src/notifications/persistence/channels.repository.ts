import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type ClientSession, type Model, type QueryFilter, Types } from 'mongoose';
import { decodeCursor, DomainError, encodeCursor, isDuplicateKey, type Page, type Scope } from '../../common/index.js';
import type { Channel, ChannelKind, ChannelSettings, SecretHints } from '../domain/channel.js';
import { CHANNEL, type ChannelDocument } from './notification.schemas.js';

export const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** The secrets as they are stored. */
export interface SealedSecrets {
  readonly url?: string;
  readonly password?: string;
  readonly signing?: string;
  /** As JSON. */
  readonly headers?: string;
  readonly oldSigning?: string;
  readonly oldSigningUntil?: Date;
}

/** A channel with its secrets, still sealed. */
export interface StoredChannel extends Channel {
  readonly sealed: SealedSecrets;
  /** Of a channel that was stored before headers were sealed. */
  readonly plainHeaders?: Readonly<Record<string, string>>;
}

/** A channel whose settings, as they are stored, hold secrets in the clear. */
export interface UnsealedChannel {
  readonly channel: StoredChannel;
  readonly asStored: string;
}

export interface ChannelFilter {
  readonly kind?: ChannelKind;
  readonly project?: string;
  readonly enabled?: boolean;
}

/** Fields that change; undefined leaves a field as it is, null takes it away. */
export interface ChannelChanges {
  readonly name?: string;
  readonly description?: string | null;
  readonly enabled?: boolean;
  readonly disabledReason?: string | null;
  readonly settings?: ChannelSettings;
  readonly hints?: SecretHints;
  readonly sealed?: { readonly [K in keyof SealedSecrets]: SealedSecrets[K] | null };
}

@Injectable()
export class ChannelsRepository {
  constructor(@InjectModel(CHANNEL) private readonly model: Model<ChannelDocument>) {}

  /** For secrets, which are sealed for the id before anything is stored. */
  newId(): string {
    return new Types.ObjectId().toHexString();
  }

  /** @throws DomainError 409 `channel_exists` */
  async insert(scope: Scope, { sealed, ...channel }: StoredChannel): Promise<void> {
    const { channelId, project, name, description, kind, enabled, settings, hints, createdBy, createdAt } = channel;
    const document = {
      ...{ _id: new Types.ObjectId(channelId), o: scope.organization, pk: project ?? null, name, kind, enabled, hints },
      ...{ description, settings: JSON.stringify(settings), by: createdBy, createdAt, updatedAt: createdAt },
      ...sealed,
    };
    await refusingDuplicates(this.model.create(document));
  }

  /** Those of the scope's projects and of the organization; `session` reads inside a transaction. */
  async findMany(scope: Scope, ids: readonly string[], session?: ClientSession): Promise<StoredChannel[]> {
    const known = ids.filter(isId).map((id) => new Types.ObjectId(id));
    if (known.length === 0) return [];
    const found = await this.model
      .find({ ...within(scope), _id: { $in: known } }, undefined, { session })
      .lean<ChannelDocument[]>();
    return found.map(toChannel);
  }

  async find(scope: Scope, channelId: string): Promise<StoredChannel | undefined> {
    return (await this.findMany(scope, [channelId]))[0];
  }

  /** By name. */
  async list(scope: Scope, filter: ChannelFilter, limit: number, cursor?: string): Promise<Page<Channel>> {
    const after = cursor === undefined ? [] : [{ name: { $gt: String(decodeCursor(cursor, 1)[0]) } }];
    const { kind, project, enabled } = filter;
    const conditions: QueryFilter<ChannelDocument>[] = [
      within(scope),
      ...(kind === undefined ? [] : [{ kind }]),
      ...(project === undefined ? [] : [{ pk: project }]),
      ...(enabled === undefined ? [] : [{ enabled }]),
      ...after,
    ];
    const found = await this.model
      .find({ $and: conditions })
      .sort({ name: 1 })
      .limit(limit + 1)
      .lean<ChannelDocument[]>();
    const items = found.slice(0, limit).map(toChannel);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodeCursor([last.name]) : null };
  }

  /** @throws DomainError 409 `channel_exists` */
  async update(
    scope: Scope,
    channelId: string,
    changes: ChannelChanges,
    now: Date,
  ): Promise<StoredChannel | undefined> {
    if (!isId(channelId)) return undefined;
    const { settings, sealed, ...rest } = changes;
    const fields: Record<string, unknown> = {
      ...rest,
      ...sealed,
      ...(settings && { settings: JSON.stringify(settings) }),
      updatedAt: now,
    };
    const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
    const $set = Object.fromEntries(kept.filter(([, value]) => value !== null));
    const $unset = Object.fromEntries(kept.filter(([, value]) => value === null).map(([key]) => [key, true as const]));
    const found = await refusingDuplicates(
      this.model
        .findOneAndUpdate({ ...within(scope), _id: channelId }, { $set, $unset }, { returnDocument: 'after' })
        .lean<ChannelDocument>(),
    );
    return found ? toChannel(found) : undefined;
  }

  /** Channels of every organization as versions before stored them: for the one who seals them only. */
  async unsealed(): Promise<UnsealedChannel[]> {
    const found = await this.model.find({ kind: 'webhook', settings: UNSEALED }).lean<ChannelDocument[]>();
    return found.map((document) => ({ channel: toChannel(document), asStored: document.settings }));
  }

  /** Nothing is written where somebody has changed the settings meanwhile, and has sealed them so. */
  async seal({ channel, asStored }: UnsealedChannel, sealed: Pick<SealedSecrets, 'headers'>): Promise<void> {
    const settings = JSON.stringify(channel.settings);
    await this.model.updateOne({ _id: channel.channelId, settings: asStored }, { $set: { settings, ...sealed } });
  }

  async remove(scope: Scope, channelId: string): Promise<boolean> {
    if (!isId(channelId)) return false;
    return (await this.model.deleteOne({ ...within(scope), _id: channelId })).deletedCount > 0;
  }
}

/** Settings that hold the path of the URL, or the values of headers. */
const UNSEALED = /"headers":|"target":"[a-z]+:\/\/[^/"]*\//;

/** A caller who is confined to projects sees the channels of those, and the organization's. */
const within = (scope: Scope): { o: string; pk?: { $in: (string | null)[] } } => ({
  o: scope.organization,
  ...(scope.projects === 'all' ? {} : { pk: { $in: [null, ...scope.projects] } }),
});

const refusingDuplicates = async <T>(write: Promise<T>): Promise<T> => {
  try {
    return await write;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new DomainError('conflict', 'channel_exists', 'There is a channel of this name already', {
      errors: [{ pointer: '/name', detail: 'is taken' }],
    });
  }
};

const toChannel = (document: ChannelDocument): StoredChannel => {
  const { _id, o, pk, name, description, kind, enabled, disabledReason, settings, hints, by } = document;
  const { url, password, signing, headers, oldSigning, oldSigningUntil, createdAt, updatedAt } = document;
  const { shown, plainHeaders } = readSettings(settings);
  return {
    channelId: _id.toHexString(),
    organization: o,
    ...(pk !== null && { project: pk }),
    name,
    ...(description !== undefined && { description }),
    kind,
    enabled,
    ...(disabledReason !== undefined && { disabledReason }),
    settings: shown,
    hints,
    ...(oldSigningUntil && { oldSecretValidUntil: oldSigningUntil }),
    createdBy: by,
    ...{ createdAt, updatedAt },
    sealed: {
      ...(url !== undefined && { url }),
      ...(password !== undefined && { password }),
      ...(signing !== undefined && { signing }),
      ...(headers !== undefined && { headers }),
      ...(oldSigning !== undefined && { oldSigning }),
      ...(oldSigningUntil && { oldSigningUntil }),
    },
    ...(plainHeaders && { plainHeaders }),
  };
};

/** What may be shown; channels that versions before stored hold more than that. */
const readSettings = (
  text: string,
): { readonly shown: ChannelSettings; readonly plainHeaders?: Readonly<Record<string, string>> } => {
  const { headers, ...settings } = JSON.parse(text) as ChannelSettings & { headers?: Record<string, string> };
  const shown = {
    ...settings,
    ...(settings.target !== undefined && { target: new URL(settings.target).origin }),
    ...(headers && { headerNames: Object.keys(headers) }),
  };
  return { shown, ...(headers && { plainHeaders: headers }) };
};
