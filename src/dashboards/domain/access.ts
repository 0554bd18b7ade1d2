import { mayTouchProject, type Scope } from '../../common/index.js';
import { type Dashboard, projectsNamed } from './dashboard.js';

/** Who looks at dashboards. */
export interface Viewer {
  readonly scope: Scope;
  readonly subject: string;
  /** Holds `dashboards:manage`: sees and changes those of others, too. */
  readonly manages: boolean;
}

type Guarded = Pick<Dashboard, 'organization' | 'owner' | 'content' | 'access'>;

/** Everything that it names lies in the viewer's scope, and it is the viewer's, or open to the viewer. */
export const maySee = (viewer: Viewer, dashboard: Guarded): boolean => {
  const { organization, owner, content, access } = dashboard;
  if (viewer.scope.organization !== organization) return false;
  if (!projectsNamed(content, access).every((key) => mayTouchProject(viewer.scope, key))) return false;
  if (viewer.manages || owner === viewer.subject || access.editors.includes(viewer.subject)) return true;
  switch (access.visibility) {
    case 'organization':
    case 'project':
      return true; // that the project is the viewer's was said above
    case 'users':
      return access.users.includes(viewer.subject);
    case 'private':
      return false;
  }
};

/** Content; of those that the viewer may see. */
export const mayEdit = (viewer: Viewer, { owner, access }: Pick<Dashboard, 'owner' | 'access'>): boolean =>
  viewer.manages || owner === viewer.subject || access.editors.includes(viewer.subject);

/** Who sees it, share links, deletion: the owner's. */
export const mayOwn = (viewer: Viewer, { owner }: Pick<Dashboard, 'owner'>): boolean =>
  viewer.manages || owner === viewer.subject;
