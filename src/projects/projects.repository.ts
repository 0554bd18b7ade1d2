import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, mongo, type QueryFilter, Types } from 'mongoose';
import {
  FreshReads,
  isDuplicateKey,
  mayTouchProject,
  nativeCollection,
  noteWrite,
  type Scope,
} from '../common/index.js';
import {
  type Project,
  type ProjectChanges,
  type ProjectSettings,
  QUALITY_BANDS,
  QUALITY_LIMITS,
  QUALITY_PARTS,
} from './project.js';
import { ProjectRecord } from './project.schema.js';

@Injectable()
export class ProjectsRepository {
  private readonly ofOrganizations = new FreshReads<readonly Project[]>();

  constructor(@InjectModel(ProjectRecord.name) private readonly model: Model<ProjectRecord>) {}

  /** undefined where the organization has a project of this key already. */
  async insert(scope: Scope, settings: ProjectSettings, createdBy: string, now: Date): Promise<Project | undefined> {
    try {
      const record = await this.model.create({
        ...settings,
        org: scope.organization,
        definitionVersion: 1,
        createdBy,
        createdAt: now,
        updatedAt: now,
      });
      noteWrite();
      return toProject(record.toObject());
    } catch (error) {
      if (isDuplicateKey(error)) return undefined;
      throw error;
    }
  }

  async findByKey(scope: Scope, key: string): Promise<Project | undefined> {
    if (!mayTouchProject(scope, key)) return undefined;
    const record = await this.model.findOne({ org: scope.organization, key }).lean<ProjectRecord>();
    return record === null ? undefined : toProject(record);
  }

  async findByIds(scope: Scope, ids: readonly string[]): Promise<Project[]> {
    const known = ids.filter((id) => Types.ObjectId.isValid(id)).map((id) => new Types.ObjectId(id));
    return this.find({ $and: [within(scope), { _id: { $in: known } }] });
  }

  /** All that the caller may see, or those of them with some keys, by key. Read once a request. */
  async findAll(scope: Scope, keys?: readonly string[]): Promise<Project[]> {
    const { organization } = scope;
    const all = await this.ofOrganizations.get(organization, () => this.find({ org: organization }));
    return all.filter(({ key }) => mayTouchProject(scope, key) && (keys?.includes(key) ?? true));
  }

  /** A page of them, by key. */
  findPage(scope: Scope, teams: readonly string[] | undefined, limit: number, afterKey?: string): Promise<Project[]> {
    const after = afterKey === undefined ? [] : [{ key: { $gt: afterKey } }];
    const ofTeams = teams === undefined ? [] : [{ team: { $in: [...teams] } }];
    return this.find({ $and: [within(scope), ...ofTeams, ...after] }, limit);
  }

  /** The project as it is after the change; undefined where it is not the caller's. */
  async update(
    scope: Scope,
    key: string,
    changes: ProjectChanges,
    options: { readonly now: Date; readonly newDefinition: boolean },
  ): Promise<Project | undefined> {
    if (!mayTouchProject(scope, key)) return undefined;
    const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
    const set = Object.fromEntries(entries.filter(([, value]) => value !== null));
    const unset = Object.fromEntries(entries.filter(([, value]) => value === null).map(([field]) => [field, 1]));
    const record = await this.model
      .findOneAndUpdate(
        { org: scope.organization, key },
        {
          $set: { ...set, updatedAt: options.now },
          $unset: unset,
          $inc: { definitionVersion: options.newDefinition ? 1 : 0 },
        },
        { returnDocument: 'after' },
      )
      .lean<ProjectRecord>();
    noteWrite();
    return record === null ? undefined : toProject(record);
  }

  private async find(filter: QueryFilter<ProjectRecord>, limit = 0): Promise<Project[]> {
    // every request asks for projects, and mongoose's casts cost more than the query
    const records = await nativeCollection<ProjectRecord>(this.model)
      .find(filter as mongo.Filter<ProjectRecord>, { sort: { key: 1 }, limit })
      .toArray();
    return records.map(toProject);
  }
}

const within = (scope: Scope): QueryFilter<ProjectRecord> =>
  scope.projects === 'all'
    ? { org: scope.organization }
    : { org: scope.organization, key: { $in: [...scope.projects] } };

const toProject = (record: ProjectRecord): Project => ({
  id: record._id.toHexString(),
  organization: record.org,
  key: record.key,
  name: record.name,
  ...(record.description === undefined ? {} : { description: record.description }),
  ...(record.team === undefined ? {} : { team: record.team }),
  timeZone: record.timeZone,
  ...(record.retentionDays === undefined ? {} : { retentionDays: record.retentionDays }),
  ...(record.qualityWeights === undefined ? {} : { qualityWeights: pick(record.qualityWeights, QUALITY_PARTS) }),
  ...(record.qualityBands === undefined ? {} : { qualityBands: pick(record.qualityBands, QUALITY_BANDS) }),
  ...(record.qualityLimits === undefined ? {} : { qualityLimits: pick(record.qualityLimits, QUALITY_LIMITS) }),
  definitionVersion: record.definitionVersion,
  createdBy: record.createdBy,
  createdAt: record.createdAt,
  updatedAt: record.updatedAt,
});

/** The members in one order, whatever else and however it was stored; those that are not there are left out. */
const pick = <T extends object, K extends keyof T>(stored: T, names: readonly K[]): Pick<T, K> =>
  Object.fromEntries(names.flatMap((name) => (stored[name] === undefined ? [] : [[name, stored[name]]]))) as Pick<T, K>;
