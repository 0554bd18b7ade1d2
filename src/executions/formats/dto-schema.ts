import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';

export type Schema = Readonly<Record<string, unknown>>;
export type DtoClass = new () => object;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** What each decorator means in JSON schema. `mostUnits`, `leastUnits`, `rowText`, `mapKey` and `resultTime` are keywords of `row-validator.ts`. */
const MEANING: Readonly<Record<string, (constraints: readonly unknown[]) => Schema>> = {
  isRowText: ([max, min]) => ({
    type: 'string',
    mostUnits: max,
    leastUnits: min,
    rowText: min === 0 ? 'any' : 'filled',
  }),
  isResultTime: () => ({ type: 'string', resultTime: true }),
  isTextMap: ([entries, length]) => ({
    type: 'object',
    maxProperties: entries,
    propertyNames: { mapKey: true },
    additionalProperties: { type: 'string', mostUnits: length, rowText: 'any' },
  }),
  isNumberMap: ([entries]) => ({
    type: 'object',
    maxProperties: entries,
    propertyNames: { mapKey: true },
    additionalProperties: { type: 'number' },
  }),
  isIn: ([values]) => ({ type: 'string', enum: values }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  min: ([least]) => ({ minimum: least }),
  max: ([most]) => ({ maximum: most }),
  isArray: () => ({ type: 'array' }),
  isObject: () => ({ type: 'object' }),
  arrayMaxSize: ([most]) => ({ maxItems: most }),
};

/** The class that @Type names, found by letting class-transformer make one. */
const nestedClass = (dto: DtoClass, { propertyName, each }: Rule): DtoClass => {
  const made = plainToInstance(dto, { [propertyName]: each ? [{}] : {} }) as Readonly<Record<string, unknown>>;
  const value = made[propertyName];
  const nested: unknown = Array.isArray(value) ? value[0] : value;
  const found = (nested as object).constructor as DtoClass;
  if (found === Object) throw new Error(`${dto.name}.${propertyName} is nested and has no @Type`);
  return found;
};

const meaningOf = (dto: DtoClass, rule: Rule): Schema => {
  const { type, propertyName } = rule;
  if (type === 'nestedValidation') return schemaOf(nestedClass(dto, rule));
  const meaning = MEANING[rule.name ?? ''];
  // a rule that is not known here would be silently left out of the hot path
  if (meaning === undefined)
    throw new Error(`${dto.name}.${propertyName}: no schema for the rule ${rule.name ?? type}`);
  return meaning((rule.constraints as readonly unknown[] | undefined) ?? []);
};

const nullable = (schema: Schema): Schema => ({
  ...schema,
  nullable: true,
  ...(Array.isArray(schema.enum) && { enum: [...(schema.enum as unknown[]), null] }),
});

const propertySchema = (dto: DtoClass, rules: readonly Rule[], isOptional: boolean): Schema => {
  const own: Record<string, unknown> = {};
  const items: Record<string, unknown> = {};
  for (const rule of rules) Object.assign(rule.each ? items : own, meaningOf(dto, rule));
  if (Object.keys(items).length > 0) own.items = items;
  return isOptional ? nullable(own) : own;
};

/**
 * The JSON schema of a DTO class from its class-validator decorators, so that a rule is written once. Unknown fields are
 * refused, optional ones may be null.
 * @throws Error for a decorator it does not know
 */
export const schemaOf = (dto: DtoClass): Schema => {
  const byProperty = new Map<string, Rule[]>();
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false))
    byProperty.set(rule.propertyName, [...(byProperty.get(rule.propertyName) ?? []), rule]);
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [property, rules] of byProperty) {
    const isOptional = rules.some(({ type }) => type === 'conditionalValidation');
    const checks = rules.filter(({ type }) => type !== 'conditionalValidation');
    properties[property] = propertySchema(dto, checks, isOptional);
    if (!isOptional) required.push(property);
  }
  return { type: 'object', properties, required, additionalProperties: false };
};
