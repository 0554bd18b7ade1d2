import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { type Model, type QueryFilter, Types } from 'mongoose';
import type { Scope } from '../../common/index.js';
import type { AuditActor, AuditEntry, AuditFilter, AuditTarget } from './audit-entry.js';
import { AuditRecord } from './audit.schema.js';

type Filter = QueryFilter<AuditRecord>;

export interface AuditPosition {
  readonly at: Date;
  readonly entryId: string;
}

@Injectable()
export class AuditRepository {
  constructor(@InjectModel(AuditRecord.name) private readonly model: Model<AuditRecord>) {}

  async insert(
    actor: AuditActor,
    entry: { action: string; target: AuditTarget; details: Readonly<Record<string, unknown>>; at: Date },
  ): Promise<void> {
    const { type, id, projectKey } = entry.target;
    await this.model.create({
      org: actor.organization,
      at: entry.at,
      actor: { subject: actor.subject, name: actor.name, kind: actor.kind },
      action: entry.action,
      target: { kind: type, id, ...(projectKey === undefined ? {} : { projectKey }) },
      details: { ...entry.details },
    });
  }

  /** Newest first. */
  async list(scope: Scope, filter: AuditFilter, limit: number, after?: AuditPosition): Promise<AuditEntry[]> {
    const records = await this.model
      .find({ $and: [within(scope), ...conditions(filter), ...older(after)] })
      .sort({ at: -1, _id: -1 })
      .limit(limit)
      .lean<AuditRecord[]>();
    return records.map(toEntry);
  }
}

const within = (scope: Scope): Filter =>
  scope.projects === 'all'
    ? { org: scope.organization }
    : { org: scope.organization, 'target.projectKey': { $in: [...scope.projects] } };

const conditions = ({ actor, action, target, from, to }: AuditFilter): Filter[] => {
  const [kind, ...id] = target?.split(':') ?? [];
  return [
    ...(actor === undefined ? [] : [{ 'actor.subject': actor }]),
    ...(action === undefined ? [] : [{ action }]),
    ...(kind === undefined ? [] : [{ 'target.kind': kind }]),
    ...(id.length === 0 ? [] : [{ 'target.id': id.join(':') }]),
    ...(from === undefined ? [] : [{ at: { $gte: from } }]),
    ...(to === undefined ? [] : [{ at: { $lt: to } }]),
  ];
};

const older = (after: AuditPosition | undefined): Filter[] =>
  after === undefined
    ? []
    : [{ $or: [{ at: { $lt: after.at } }, { at: after.at, _id: { $lt: new Types.ObjectId(after.entryId) } }] }];

const toEntry = ({ _id, at, actor, action, target, details }: AuditRecord): AuditEntry => ({
  entryId: _id.toHexString(),
  at,
  actor: { subject: actor.subject, name: actor.name, kind: actor.kind },
  action,
  target: {
    type: target.kind,
    id: target.id,
    ...(target.projectKey === undefined ? {} : { projectKey: target.projectKey }),
  },
  details,
});
