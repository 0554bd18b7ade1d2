import { DomainError, type Scope } from '../common/index.js';

/** For what works on the alerts of every project. @throws DomainError 403 `organization_only` */
export const requireWholeOrganization = (scope: Scope): void => {
  if (scope.projects !== 'all')
    throw new DomainError(
      'forbidden',
      'organization_only',
      'It belongs to the whole organization, and your token or key is confined to some of its projects',
    );
};
