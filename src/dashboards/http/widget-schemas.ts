import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { MetricFilterDto } from '../../metrics/index.js';
import type { WidgetType } from '../widgets/widget-type.js';
import { WIDGET_TYPES } from '../widgets/widget-types.js';
import { WidgetAnswerBase } from './widget-answer.dto.js';

type Model = new () => object;

const nameOf = (type: string, suffix: string): string =>
  `${type
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')}${suffix}`;

/** A class that only exists for the document, made from data. */
const model = (name: string, base: Model, properties: Readonly<Record<string, PropertyDecorator>>): Model => {
  const made = { [name]: class extends base {} }[name]!;
  for (const [property, decorate] of Object.entries(properties)) decorate(made.prototype, property);
  return made;
};

class Nothing {}

const inputOf = ({ type, title, optionsDto, example }: WidgetType): Model =>
  model(nameOf(type, 'WidgetInputDto'), Nothing, {
    id: ApiPropertyOptional({
      description: 'Unique on the dashboard; made where it is left out',
      type: String,
      pattern: '^[A-Za-z0-9_-]{1,64}$',
      example: type.replaceAll('_', '-'),
    }),
    type: ApiProperty({ description: title, enum: [type], example: type }),
    title: ApiPropertyOptional({ description: 'Its heading', type: String, maxLength: 200, example: example.title }),
    options: ApiPropertyOptional({ description: 'How it looks at the data', type: optionsDto }),
    filter: ApiPropertyOptional({ description: "Narrows the dashboard's filter", type: MetricFilterDto }),
  });

const answerOf = ({ type, title, optionsDto, dataDto }: WidgetType): Model =>
  model(nameOf(type, 'WidgetDto'), WidgetAnswerBase, {
    type: ApiProperty({ description: title, enum: [type], example: type }),
    options: ApiProperty({ description: 'How it looks at the data', type: optionsDto }),
    data: ApiPropertyOptional({ description: 'Its figures; absent where there is an `error`', type: dataDto }),
  });

const union = (models: readonly Model[]) => ({
  oneOf: models.map((one) => ({ $ref: getSchemaPath(one) })),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(WIDGET_TYPES.map(({ type }, i) => [type, getSchemaPath(models[i]!)])),
  },
});

export const INPUT_MODELS: readonly Model[] = WIDGET_TYPES.map(inputOf);
export const ANSWER_MODELS: readonly Model[] = WIDGET_TYPES.map(answerOf);

export const widgetInputs = () => union(INPUT_MODELS);
export const widgetAnswers = () => union(ANSWER_MODELS);
