import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type QueryFilter } from 'mongoose';
import {
  decodeCursor,
  encodeCursor,
  invalid,
  isDuplicateKey,
  mayTouchProject,
  type Page,
  type Scope,
} from '../../common/index.js';
import type { GateDefinition } from '../domain/gate.js';
import { GATE, type GateDocument } from './gate.schemas.js';

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

/** A gate as it is stored. */
export interface Gate extends GateDefinition {
  /** undefined: for every project of the organization that has none of its own. */
  readonly project?: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type GateSettings = Pick<
  Gate,
  'project' | 'name' | 'description' | 'enabled' | 'baseBranch' | 'window' | 'rules'
>;

@Injectable()
export class GatesRepository {
  constructor(@InjectModel(GATE) private readonly model: Model<GateDocument>) {}

  /** undefined where the project (or the organization) has a gate that is switched on already. */
  async insert(scope: Scope, settings: GateSettings, by: string, now: Date): Promise<Gate | undefined> {
    return unlessDuplicate(async () => {
      const document = { ...toDocument(settings), o: scope.organization, version: 1, createdBy: by };
      const created = await this.model.create({ ...document, createdAt: now, updatedAt: now });
      return toGate(created.toObject());
    });
  }

  async find(scope: Scope, gateId: string): Promise<Gate | undefined> {
    if (!isId(gateId)) return undefined;
    const found = await this.model.findOne({ ...visible(scope), _id: gateId }).lean<GateDocument>();
    return found ? toGate(found) : undefined;
  }

  /** Oldest first. */
  async list(scope: Scope, project: string | undefined, limit: number, cursor?: string): Promise<Page<Gate>> {
    const after = cursor === undefined ? [] : [{ _id: { $gt: idOf(cursor) } }];
    const wanted = project === undefined ? [] : [{ pk: project }];
    const found = await this.model
      .find({ $and: [visible(scope), ...wanted, ...after] })
      .sort({ _id: 1 })
      .limit(limit + 1)
      .lean<GateDocument[]>();
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = found.length > limit && last ? encodeCursor([last._id.toHexString()]) : null;
    return { items: items.map(toGate), nextCursor };
  }

  /**
   * Replaces the settings.
   * @returns `taken` where another gate of the project is switched on; undefined where it is not there
   */
  async replace(scope: Scope, gateId: string, settings: GateSettings, now: Date): Promise<Gate | 'taken' | undefined> {
    if (!isId(gateId)) return undefined;
    const { description, ...rest } = toDocument(settings);
    const set = { ...rest, ...(description !== undefined && { description }), updatedAt: now };
    const unset = description === undefined ? { $unset: { description: 1 } } : {};
    const update = { $set: set, ...unset, $inc: { version: 1 } };
    const changed = await unlessDuplicate(async () => ({
      found: await this.model
        .findOneAndUpdate({ ...visible(scope), _id: gateId }, update, { returnDocument: 'after' })
        .lean<GateDocument>(),
    }));
    if (!changed) return 'taken';
    return changed.found ? toGate(changed.found) : undefined;
  }

  async remove(scope: Scope, gateId: string): Promise<boolean> {
    if (!isId(gateId)) return false;
    return (await this.model.deleteOne({ ...visible(scope), _id: gateId })).deletedCount > 0;
  }

  /** The gate of a project that is switched on, else that of the organization. */
  async effective(scope: Scope, project: string): Promise<Gate | undefined> {
    if (!mayTouchProject(scope, project)) return undefined;
    const found = await this.model
      .find({ o: scope.organization, pk: { $in: [project, null] }, enabled: true })
      .lean<GateDocument[]>();
    const own = found.find(({ pk }) => pk === project) ?? found[0];
    return own ? toGate(own) : undefined;
  }
}

/** Gates of the organization are seen by all of it, those of projects by who may see the project. */
const visible = (scope: Scope): QueryFilter<GateDocument> => ({
  o: scope.organization,
  ...(scope.projects === 'all' ? {} : { pk: { $in: [...scope.projects, null] } }),
});

const idOf = (cursor: string): Types.ObjectId => {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isId(id)) return new Types.ObjectId(id);
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};

const unlessDuplicate = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work();
  } catch (error) {
    if (isDuplicateKey(error)) return undefined;
    throw error;
  }
};

const toDocument = ({ project, name, description, enabled, baseBranch, window, rules }: GateSettings) => ({
  pk: project ?? null,
  ...{ name, enabled, baseBranch, window },
  ...(description !== undefined && { description }),
  rules: rules.map(({ rule, threshold, severity, minimumSample }) => ({ rule, threshold, severity, minimumSample })),
});

const toGate = (document: GateDocument): Gate => ({
  gateId: document._id.toHexString(),
  ...(document.pk !== null && { project: document.pk }),
  name: document.name,
  ...(document.description !== undefined && { description: document.description }),
  enabled: document.enabled,
  baseBranch: document.baseBranch,
  window: document.window,
  rules: document.rules.map(({ rule, threshold, severity, minimumSample }) => ({
    rule,
    threshold,
    severity,
    minimumSample,
  })),
  version: document.version,
  createdBy: document.createdBy,
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
});
