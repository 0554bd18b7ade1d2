import { Prop, raw, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema, Types } from 'mongoose';

interface ActorRecord {
  readonly subject: string;
  readonly name: string;
  readonly kind: 'user' | 'api_key' | 'system';
}

interface TargetRecord {
  readonly kind: string;
  readonly id: string;
  readonly projectKey?: string;
}

const TEXT = { type: String, required: true };

@Schema({ collection: 'audit_log', versionKey: false, minimize: false })
export class AuditRecord {
  _id: Types.ObjectId;

  @Prop({ type: String, required: true })
  org: string;

  @Prop({ type: Date, required: true })
  at: Date;

  @Prop(raw({ subject: TEXT, name: TEXT, kind: TEXT }))
  actor: ActorRecord;

  @Prop({ type: String, required: true })
  action: string;

  @Prop(raw({ kind: TEXT, id: TEXT, projectKey: { type: String } }))
  target: TargetRecord;

  @Prop({ type: MongooseSchema.Types.Mixed, default: {} })
  details: Record<string, unknown>;
}

export const AuditSchema = SchemaFactory.createForClass(AuditRecord);
AuditSchema.index({ org: 1, at: -1, _id: -1 });
AuditSchema.index({ org: 1, 'actor.subject': 1, at: -1 });
AuditSchema.index({ org: 1, 'target.kind': 1, 'target.id': 1, at: -1 });
