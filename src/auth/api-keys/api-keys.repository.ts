import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, QueryFilter } from 'mongoose';
import type { Scope } from '../../common/index.js';
import { isPermission } from '../permissions.js';
import type { ApiKey } from './api-key.js';
import { ApiKeyRecord } from './api-key.schema.js';

const USED_AT_MOST_EVERY_MS = 60_000;

export interface KeyPosition {
  readonly createdAt: Date;
  readonly keyId: string;
}

@Injectable()
export class ApiKeysRepository {
  constructor(@InjectModel(ApiKeyRecord.name) private readonly model: Model<ApiKeyRecord>) {}

  async insert(scope: Scope, key: ApiKey, hash: Buffer): Promise<void> {
    const { keyId, organization, projects, permissions, ...rest } = key;
    if (organization !== scope.organization) throw new Error('A key is made in its own organization only');
    await this.model.create({
      ...rest,
      _id: keyId,
      org: organization,
      hash,
      permissions: [...permissions],
      projects: projects === 'all' ? null : [...projects],
    });
  }

  /** The one look-up without a scope: it is what makes one. Also hands out the hash to compare with. */
  async findForAuthentication(keyId: string): Promise<{ key: ApiKey; hash: Uint8Array } | undefined> {
    const record = await this.model.findById(keyId).lean<ApiKeyRecord>();
    return record === null ? undefined : { key: toKey(record), hash: bytesOf(record.hash) };
  }

  /** Newest first. */
  async list(scope: Scope, limit: number, after?: KeyPosition): Promise<ApiKey[]> {
    const older: QueryFilter<ApiKeyRecord> =
      after === undefined
        ? {}
        : {
            $or: [{ createdAt: { $lt: after.createdAt } }, { createdAt: after.createdAt, _id: { $lt: after.keyId } }],
          };
    const records = await this.model
      .find({ $and: [within(scope), older] }, { hash: 0 })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit)
      .lean<ApiKeyRecord[]>();
    return records.map(toKey);
  }

  /** The key as it was before; undefined where it is not the caller's. Revoking twice keeps the first time. */
  async revoke(scope: Scope, keyId: string, at: Date): Promise<ApiKey | undefined> {
    const before = await this.model.findOne({ $and: [within(scope), { _id: keyId }] }).lean<ApiKeyRecord>();
    if (before === null) return undefined;
    await this.model.updateOne({ _id: keyId, revokedAt: { $exists: false } }, { $set: { revokedAt: at } });
    return toKey(before);
  }

  async touch(key: ApiKey, now: Date): Promise<void> {
    const stale = new Date(now.getTime() - USED_AT_MOST_EVERY_MS);
    if (key.lastUsedAt !== undefined && key.lastUsedAt > stale) return;
    await this.model.updateOne(
      { _id: key.keyId, $or: [{ lastUsedAt: { $exists: false } }, { lastUsedAt: { $lte: stale } }] },
      { $set: { lastUsedAt: now } },
    );
  }
}

/** A caller confined to some projects sees the keys that reach no further than himself. */
const within = (scope: Scope): QueryFilter<ApiKeyRecord> =>
  scope.projects === 'all'
    ? { org: scope.organization }
    : {
        org: scope.organization,
        projects: { $ne: null, $not: { $elemMatch: { $nin: [...scope.projects] } } },
      };

/** `lean` hands out a driver's Binary where the schema says Buffer. */
const bytesOf = (value: Uint8Array | { readonly buffer: Uint8Array }): Uint8Array =>
  value instanceof Uint8Array ? value : value.buffer;

const toKey = (record: ApiKeyRecord): ApiKey => ({
  keyId: record._id,
  organization: record.org,
  name: record.name,
  permissions: record.permissions.filter(isPermission),
  projects: record.projects ?? 'all',
  createdBy: record.createdBy,
  createdAt: record.createdAt,
  expiresAt: record.expiresAt,
  ...(record.revokedAt ? { revokedAt: record.revokedAt } : {}),
  ...(record.lastUsedAt ? { lastUsedAt: record.lastUsedAt } : {}),
});
