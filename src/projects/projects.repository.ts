import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, mongo, type QueryFilter, Types } from 'mongoose';
import { mayTouchProject, nativeCollection, type Scope } from '../common/index.js';
import type { Project, ProjectChanges, ProjectSettings } from './project.js';
import { ProjectRecord } from './project.schema.js';

const DUPLICATE_KEY = 11_000;

export interface ProjectFilter {
  readonly keys?: readonly string[];
  readonly teams?: readonly string[];
}

@Injectable()
export class ProjectsRepository {
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
      return toProject(record.toObject());
    } catch (error) {
      if (error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY) return undefined;
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

  /** All that match, by key. */
  findAll(scope: Scope, filter: ProjectFilter): Promise<Project[]> {
    return this.find({ $and: [within(scope), ...conditions(filter)] });
  }

  /** A page of them, by key. */
  findPage(scope: Scope, filter: ProjectFilter, limit: number, afterKey?: string): Promise<Project[]> {
    const after = afterKey === undefined ? [] : [{ key: { $gt: afterKey } }];
    return this.find({ $and: [within(scope), ...conditions(filter), ...after] }, limit);
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

const conditions = ({ keys, teams }: ProjectFilter): QueryFilter<ProjectRecord>[] => [
  ...(keys === undefined ? [] : [{ key: { $in: [...keys] } }]),
  ...(teams === undefined ? [] : [{ team: { $in: [...teams] } }]),
];

const toProject = (record: ProjectRecord): Project => ({
  id: record._id.toHexString(),
  organization: record.org,
  key: record.key,
  name: record.name,
  ...(record.description === undefined ? {} : { description: record.description }),
  ...(record.team === undefined ? {} : { team: record.team }),
  timeZone: record.timeZone,
  ...(record.retentionDays === undefined ? {} : { retentionDays: record.retentionDays }),
  ...(record.qualityWeights === undefined ? {} : { qualityWeights: weightsOf(record.qualityWeights) }),
  definitionVersion: record.definitionVersion,
  createdBy: record.createdBy,
  createdAt: record.createdAt,
  updatedAt: record.updatedAt,
});

const weightsOf = ({ passRate, stability, durationStability, recovery }: NonNullable<Project['qualityWeights']>) => ({
  passRate,
  stability,
  durationStability,
  recovery,
});
