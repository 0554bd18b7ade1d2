import { Prop, raw, Schema, SchemaFactory } from '@nestjs/mongoose';
import type { Types } from 'mongoose';
import type { QualityBands, QualityLimits, QualityWeights } from './project.js';

@Schema({ collection: 'projects', versionKey: false, timestamps: false })
export class ProjectRecord {
  _id: Types.ObjectId;

  @Prop({ type: String, required: true })
  org: string;

  @Prop({ type: String, required: true })
  key: string;

  @Prop({ type: String, required: true })
  name: string;

  @Prop({ type: String })
  description?: string;

  @Prop({ type: String })
  team?: string;

  @Prop({ type: String, required: true })
  timeZone: string;

  @Prop({ type: Number })
  retentionDays?: number;

  @Prop(raw({ passRate: Number, stability: Number, durationStability: Number, recovery: Number }))
  qualityWeights?: QualityWeights;

  @Prop(raw({ excellent: Number, good: Number, fair: Number, poor: Number }))
  qualityBands?: QualityBands;

  @Prop(raw({ minimumScore: Number, minimumPassRate: Number, maximumFlakiness: Number, maximumMttrHours: Number }))
  qualityLimits?: QualityLimits;

  @Prop({ type: Number, required: true, default: 1 })
  definitionVersion: number;

  @Prop({ type: String, required: true })
  createdBy: string;

  @Prop({ type: Date, required: true })
  createdAt: Date;

  @Prop({ type: Date, required: true })
  updatedAt: Date;
}

export const ProjectSchema = SchemaFactory.createForClass(ProjectRecord);
ProjectSchema.index({ org: 1, key: 1 }, { unique: true });
ProjectSchema.index({ org: 1, team: 1, key: 1 });
