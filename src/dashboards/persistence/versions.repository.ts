import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { nativeCollection, type Scope } from '../../common/index.js';
import type { Dashboard, DashboardContent, DashboardVersion } from '../domain/dashboard.js';
import { DASHBOARD_VERSION, type VersionDocument } from './dashboard.schemas.js';

/** Older versions that a dashboard keeps. */
const KEPT = 100;

/**
 * The past of dashboards. A version is stored before it is replaced, and storing it again changes nothing: whatever is
 * killed between the two, none is lost.
 */
@Injectable()
export class VersionsRepository {
  private readonly collection: mongo.Collection<VersionDocument>;

  constructor(@InjectModel(DASHBOARD_VERSION) model: Model<VersionDocument>) {
    this.collection = nativeCollection(model);
  }

  async keep({ dashboardId, organization, version, content, updatedBy, updatedAt }: Dashboard): Promise<void> {
    const d = new Types.ObjectId(dashboardId);
    const fields = { o: organization, content: JSON.stringify(content), by: updatedBy, at: updatedAt };
    await this.collection.updateOne({ d, v: version }, { $setOnInsert: fields }, { upsert: true });
    await this.collection.deleteMany({ d, v: { $lte: version - KEPT } });
  }

  /** Newest first, before a version. */
  async list(scope: Scope, dashboardId: string, before: number, limit: number): Promise<DashboardVersion[]> {
    const found = await this.collection
      .find({ o: scope.organization, d: new Types.ObjectId(dashboardId), v: { $lt: before } })
      .sort({ v: -1 })
      .limit(limit)
      .toArray();
    return found.map(toVersion);
  }

  async find(scope: Scope, dashboardId: string, version: number): Promise<DashboardVersion | undefined> {
    const filter = { o: scope.organization, d: new Types.ObjectId(dashboardId), v: version };
    const found = await this.collection.findOne(filter);
    return found ? toVersion(found) : undefined;
  }

  async removeAll(scope: Scope, dashboardId: string): Promise<void> {
    await this.collection.deleteMany({ o: scope.organization, d: new Types.ObjectId(dashboardId) });
  }
}

const toVersion = ({ v, content, by, at }: VersionDocument): DashboardVersion => ({
  version: v,
  content: JSON.parse(content) as DashboardContent,
  ...{ by, at },
});
