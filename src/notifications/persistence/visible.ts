import type { Scope } from '../../common/index.js';

/**
 * What is about projects is seen by who may see all of them, as its alerts are; what is about every project by who is
 * confined to none. What is about no project at all is everybody's in the organization.
 */
export const visible = ({ projects }: Scope): { wide?: { $ne: true }; pk?: object } =>
  projects === 'all' ? {} : { wide: { $ne: true }, pk: { $not: { $elemMatch: { $nin: [...projects] } } } };
