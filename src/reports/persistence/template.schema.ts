import { Schema, type Types } from 'mongoose';

export interface TemplateDocument {
  _id: Types.ObjectId;
  o: string;
  name: string;
  description?: string;
  /** Keys of the projects that its filter names: who may not see one of them may not see the template. */
  pk: string[];
  /** The request as JSON. */
  request: string;
  by: string;
  createdAt: Date;
  updatedAt: Date;
}

export const TemplateSchema = new Schema<TemplateDocument>(
  {
    o: { type: String, required: true },
    name: { type: String, required: true },
    description: String,
    pk: [String],
    request: String,
    by: String,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'report_templates', versionKey: false },
).index({ o: 1, name: 1 }, { unique: true });

export const TEMPLATE = 'ReportTemplate';
