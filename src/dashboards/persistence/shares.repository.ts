import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { makeScope, nativeCollection, type Scope } from '../../common/index.js';
import type { Share } from '../domain/share.js';
import { DASHBOARD_SHARE, type ShareDocument } from './dashboard.schemas.js';

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** Share links. A revoked one is removed. */
@Injectable()
export class SharesRepository {
  private readonly collection: mongo.Collection<ShareDocument>;

  constructor(@InjectModel(DASHBOARD_SHARE) model: Model<ShareDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(share: Omit<Share, 'shareId'>, hash: string): Promise<Share> {
    const { sharedBy, scope } = share;
    const document: ShareDocument = {
      _id: new Types.ObjectId(),
      o: scope.organization,
      d: new Types.ObjectId(share.dashboardId),
      hash,
      name: share.name,
      by: sharedBy.subject,
      byName: sharedBy.name,
      projects: scope.projects === 'all' ? null : [...scope.projects],
      manages: share.manages,
      createdAt: share.createdAt,
      expiresAt: share.expiresAt,
    };
    await this.collection.insertOne(document);
    return toShare(document);
  }

  /** The one look-up without a scope: the token is the credential, and the scope is what it answers. */
  async findByHash(hash: string): Promise<Share | undefined> {
    const found = await this.collection.findOne({ hash });
    return found ? toShare(found) : undefined;
  }

  async list(scope: Scope, dashboardId: string): Promise<Share[]> {
    const filter = { o: scope.organization, d: new Types.ObjectId(dashboardId) };
    const found = await this.collection.find(filter).sort({ createdAt: -1 }).toArray();
    return found.map(toShare);
  }

  async remove(scope: Scope, dashboardId: string, shareId: string): Promise<Share | undefined> {
    if (!isId(shareId)) return undefined;
    const filter = { o: scope.organization, d: new Types.ObjectId(dashboardId), _id: new Types.ObjectId(shareId) };
    const found = await this.collection.findOneAndDelete(filter);
    return found ? toShare(found) : undefined;
  }

  async removeAll(scope: Scope, dashboardId: string): Promise<void> {
    await this.collection.deleteMany({ o: scope.organization, d: new Types.ObjectId(dashboardId) });
  }
}

const toShare = (document: ShareDocument): Share => ({
  shareId: document._id.toHexString(),
  dashboardId: document.d.toHexString(),
  name: document.name,
  sharedBy: { subject: document.by, name: document.byName },
  scope: makeScope(document.o, document.projects ?? 'all'),
  manages: document.manages,
  createdAt: document.createdAt,
  expiresAt: document.expiresAt,
});
