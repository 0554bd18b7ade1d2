import type { Scope } from '../../common/index.js';

/** What binds a query to the tenant, for documents that carry the organization and the project's key. */
export const within = (scope: Scope): { o: string; pk?: { $in: string[] } } => ({
  o: scope.organization,
  ...(scope.projects === 'all' ? {} : { pk: { $in: [...scope.projects] } }),
});
