import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';

@Schema({ collection: 'api_keys', versionKey: false })
export class ApiKeyRecord {
  @Prop({ type: String, required: true })
  _id: string;

  @Prop({ type: String, required: true })
  org: string;

  @Prop({ type: String, required: true })
  name: string;

  /** SHA-256 of the secret. */
  @Prop({ type: MongooseSchema.Types.Buffer, required: true })
  hash: Buffer;

  @Prop({ type: [String], required: true })
  permissions: string[];

  /** null: all projects of the organization. */
  @Prop({ type: [String], default: null })
  projects: string[] | null;

  @Prop({ type: String, required: true })
  createdBy: string;

  @Prop({ type: Date, required: true })
  createdAt: Date;

  @Prop({ type: Date, required: true })
  expiresAt: Date;

  @Prop({ type: Date })
  revokedAt?: Date;

  @Prop({ type: Date })
  lastUsedAt?: Date;
}

export const ApiKeySchema = SchemaFactory.createForClass(ApiKeyRecord);
ApiKeySchema.index({ org: 1, createdAt: -1, _id: -1 });
