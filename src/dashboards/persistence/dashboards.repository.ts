import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import { decodeCursor, encodeCursor, invalid, nativeCollection, type Page, type Scope } from '../../common/index.js';
import type { Viewer } from '../domain/access.js';
import {
  type Dashboard,
  type DashboardAccess,
  type DashboardContent,
  projectsNamed,
  type Visibility,
} from '../domain/dashboard.js';
import { DASHBOARD, type DashboardDocument } from './dashboard.schemas.js';

type Filter = mongo.Filter<DashboardDocument>;

export interface DashboardSearch {
  /** Part of the name or description, whatever the case. */
  readonly search?: string;
  readonly visibility?: readonly Visibility[];
  readonly owner?: string;
  /** Only these ids. */
  readonly ids?: readonly string[];
  readonly limit: number;
  readonly cursor?: string;
}

/** A change of a dashboard at a version; who and when. */
export interface Revision {
  readonly content: DashboardContent;
  readonly access: DashboardAccess;
  readonly by: string;
  readonly now: Date;
}

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** Everything that it names lies in the scope. */
const inScope = ({ organization, projects }: Scope): Filter => ({
  o: organization,
  ...(projects === 'all' ? {} : { pk: { $not: { $elemMatch: { $nin: [...projects] } } } }),
});

/** As `maySee`, for lists. */
const visible = ({ scope, subject, manages }: Viewer): Filter =>
  manages
    ? inScope(scope)
    : {
        ...inScope(scope),
        $or: [
          { by: subject },
          { editors: subject },
          { vis: 'users', users: subject },
          { vis: { $in: ['organization', 'project'] } },
        ],
      };

@Injectable()
export class DashboardsRepository {
  private readonly collection: mongo.Collection<DashboardDocument>;

  constructor(@InjectModel(DASHBOARD) model: Model<DashboardDocument>) {
    this.collection = nativeCollection(model);
  }

  async insert(scope: Scope, { content, access, by, now }: Revision, dashboardId?: string): Promise<Dashboard> {
    const document: DashboardDocument = {
      ...{ _id: new Types.ObjectId(dashboardId), o: scope.organization, by, v: 1 },
      ...fieldsOf(content, access),
      ...{ createdAt: now, updatedAt: now, updatedBy: by },
    };
    await this.collection.insertOne(document);
    return toDashboard(document);
  }

  /** Whoever may see it: the caller decides. */
  async find(scope: Scope, dashboardId: string): Promise<Dashboard | undefined> {
    if (!isId(dashboardId)) return undefined;
    const found = await this.collection.findOne({ ...inScope(scope), _id: new Types.ObjectId(dashboardId) });
    return found ? toDashboard(found) : undefined;
  }

  /** Versions of those that are still there, of any organization: for rooms only, whose subscribers were authorised. */
  async versionsOf(dashboardIds: readonly string[]): Promise<Map<string, number>> {
    const _id = { $in: [...new Set(dashboardIds)].filter(isId).map((id) => new Types.ObjectId(id)) };
    const found = await this.collection.find({ _id }, { projection: { v: 1 } }).toArray();
    return new Map(found.map((document) => [document._id.toHexString(), document.v]));
  }

  /** Replaces content and access, if nobody has changed the dashboard since; undefined where somebody has. */
  async replace(
    scope: Scope,
    dashboardId: string,
    version: number,
    { content, access, by, now }: Revision,
  ): Promise<Dashboard | undefined> {
    const { description, project, ...fields } = fieldsOf(content, access);
    const unset = {
      ...(description === undefined && { description: true as const }),
      ...(project === undefined && { project: true as const }),
    };
    const found = await this.collection.findOneAndUpdate(
      { ...inScope(scope), _id: new Types.ObjectId(dashboardId), v: version },
      {
        $set: {
          ...fields,
          ...(description !== undefined && { description }),
          ...(project !== undefined && { project }),
          ...{ v: version + 1, updatedAt: now, updatedBy: by },
        },
        ...(Object.keys(unset).length > 0 && { $unset: unset }),
      },
      { returnDocument: 'after' },
    );
    return found ? toDashboard(found) : undefined;
  }

  async remove(scope: Scope, dashboardId: string): Promise<boolean> {
    const { deletedCount } = await this.collection.deleteOne({
      ...inScope(scope),
      _id: new Types.ObjectId(dashboardId),
    });
    return deletedCount > 0;
  }

  /** Those that the viewer may see, changed last first. */
  async list(
    viewer: Viewer,
    { search, visibility, owner, ids, limit, cursor }: DashboardSearch,
  ): Promise<Page<Dashboard>> {
    const text = search === undefined ? undefined : new RegExp(search.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
    const conditions: Filter[] = [
      visible(viewer),
      ...(text ? [{ $or: [{ name: text }, { description: text }] }] : []),
      ...(visibility ? [{ vis: { $in: [...visibility] } }] : []),
      ...(owner === undefined ? [] : [{ by: owner }]),
      ...(ids ? [{ _id: { $in: ids.filter(isId).map((id) => new Types.ObjectId(id)) } }] : []),
      ...(cursor === undefined ? [] : [after(cursor)]),
    ];
    const found = await this.collection
      .find({ $and: conditions })
      .sort({ updatedAt: -1, _id: -1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    return {
      items: items.map(toDashboard),
      nextCursor: more ? encodeCursor([last.updatedAt.getTime(), last._id.toHexString()]) : null,
    };
  }
}

const after = (cursor: string): Filter => {
  const [time, id] = decodeCursor(cursor, 2);
  if (typeof time !== 'number' || !Number.isFinite(time) || typeof id !== 'string' || !isId(id))
    throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
      { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
    ]);
  const updatedAt = new Date(time);
  return { $or: [{ updatedAt: { $lt: updatedAt } }, { updatedAt, _id: { $lt: new Types.ObjectId(id) } }] };
};

const fieldsOf = (content: DashboardContent, access: DashboardAccess) => ({
  name: content.name,
  ...(content.description === undefined ? {} : { description: content.description }),
  vis: access.visibility,
  users: [...access.users],
  editors: [...access.editors],
  ...(access.project === undefined ? {} : { project: access.project }),
  pk: projectsNamed(content, access),
  content: JSON.stringify(content),
  widgets: content.widgets.length,
});

const toDashboard = (document: DashboardDocument): Dashboard => ({
  dashboardId: document._id.toHexString(),
  organization: document.o,
  owner: document.by,
  version: document.v,
  content: JSON.parse(document.content) as DashboardContent,
  access: {
    visibility: document.vis,
    users: document.users,
    editors: document.editors,
    ...(document.project === undefined ? {} : { project: document.project }),
  },
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
  updatedBy: document.updatedBy,
});
