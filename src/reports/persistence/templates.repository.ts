import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type mongo } from 'mongoose';
import {
  decodeCursor,
  DomainError,
  encodeCursor,
  isDuplicateKey,
  nativeCollection,
  type Page,
  type Scope,
} from '../../common/index.js';
import { projectsNamed, type ReportTemplate, type TemplateRequest, type TemplateSettings } from '../domain/template.js';
import { TEMPLATE, type TemplateDocument } from './template.schema.js';

const visible = (scope: Scope): mongo.Filter<TemplateDocument> => ({
  o: scope.organization,
  ...(scope.projects === 'all' ? {} : { pk: { $not: { $elemMatch: { $nin: [...scope.projects] } } } }),
});

const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

@Injectable()
export class TemplatesRepository {
  private readonly collection: mongo.Collection<TemplateDocument>;

  constructor(@InjectModel(TEMPLATE) model: Model<TemplateDocument>) {
    this.collection = nativeCollection(model);
  }

  /** @throws DomainError 409 `template_exists` */
  async insert(scope: Scope, settings: TemplateSettings, by: string, now: Date): Promise<ReportTemplate> {
    const document = {
      ...{ _id: new Types.ObjectId(), o: scope.organization, by, createdAt: now, updatedAt: now },
      ...toFields(settings),
    };
    await refusingDuplicates(this.collection.insertOne(document));
    return toTemplate(document);
  }

  /** @throws DomainError 409 `template_exists` */
  async replace(scope: Scope, id: string, settings: TemplateSettings, now: Date): Promise<ReportTemplate | undefined> {
    if (!isId(id)) return undefined;
    const { description, ...fields } = toFields(settings);
    const update = {
      $set: { ...fields, updatedAt: now, ...(description === undefined ? {} : { description }) },
      ...(description === undefined ? { $unset: { description: true as const } } : {}),
    };
    const filter = { ...visible(scope), _id: new Types.ObjectId(id) };
    const found = await refusingDuplicates(
      this.collection.findOneAndUpdate(filter, update, { returnDocument: 'after' }),
    );
    return found ? toTemplate(found) : undefined;
  }

  async find(scope: Scope, id: string): Promise<ReportTemplate | undefined> {
    if (!isId(id)) return undefined;
    const found = await this.collection.findOne({ ...visible(scope), _id: new Types.ObjectId(id) });
    return found ? toTemplate(found) : undefined;
  }

  /** By name. */
  async list(scope: Scope, limit: number, cursor?: string): Promise<Page<ReportTemplate>> {
    const after = cursor === undefined ? {} : { name: { $gt: String(decodeCursor(cursor, 1)[0]) } };
    const found = await this.collection
      .find({ ...visible(scope), ...after })
      .sort({ name: 1 })
      .limit(limit + 1)
      .toArray();
    const items = found.slice(0, limit).map(toTemplate);
    const last = items.at(-1);
    return { items, nextCursor: found.length > limit && last ? encodeCursor([last.name]) : null };
  }

  async remove(scope: Scope, id: string): Promise<ReportTemplate | undefined> {
    if (!isId(id)) return undefined;
    const found = await this.collection.findOneAndDelete({ ...visible(scope), _id: new Types.ObjectId(id) });
    return found ? toTemplate(found) : undefined;
  }
}

const refusingDuplicates = async <T>(write: Promise<T>): Promise<T> => {
  try {
    return await write;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw new DomainError('conflict', 'template_exists', 'There is a template of this name already', {
      errors: [{ pointer: '/name', detail: 'is taken' }],
    });
  }
};

const toFields = ({ name, description, request }: TemplateSettings) => ({
  name,
  ...(description === undefined ? {} : { description }),
  pk: projectsNamed(request),
  request: JSON.stringify(request),
});

const toTemplate = (document: TemplateDocument): ReportTemplate => ({
  templateId: document._id.toHexString(),
  name: document.name,
  ...(document.description === undefined ? {} : { description: document.description }),
  request: JSON.parse(document.request) as TemplateRequest,
  createdBy: document.by,
  createdAt: document.createdAt,
  updatedAt: document.updatedAt,
});
