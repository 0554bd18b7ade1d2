import { permissionsOf, type Principal } from '../auth/index.js';
import { systemScope } from '../common/index.js';
import { DEMO_ORGANIZATION } from './domain/generate-demo.js';

/** Whoever fills and empties the demo: the service itself, inside the demo's own organization. */
export const demoPrincipal = (): Principal => ({
  subject: 'demo',
  name: 'Demo data',
  organization: DEMO_ORGANIZATION,
  roles: ['admin'],
  permissions: permissionsOf(['admin']),
  projects: 'all',
  kind: 'user',
  scope: systemScope(DEMO_ORGANIZATION),
});
