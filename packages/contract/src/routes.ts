import { accessRoutes } from './routes/access-routes.js';
import { adminRoutes } from './routes/admin-routes.js';
import { approvalRoutes } from './routes/approval-routes.js';
import { bulkRoutes } from './routes/bulk-routes.js';
import { protocolRoutes } from './routes/protocol-routes.js';
import { repositoryRoutes } from './routes/repository-routes.js';
import type { Route } from './routes/route.js';
import { runRoutes } from './routes/run-routes.js';
import { settingsRoutes } from './routes/settings-routes.js';
import { taskRoutes } from './routes/task-routes.js';
import { viewRoutes } from './routes/view-routes.js';
import { workerRoutes } from './routes/worker-routes.js';

export type { Access, Route } from './routes/route.js';

/** Every endpoint, one row each. Server, client, documentation and tests read this table. */
export const routes = {
  ...taskRoutes,
  ...bulkRoutes,
  ...viewRoutes,
  ...runRoutes,
  ...approvalRoutes,
  ...workerRoutes,
  ...repositoryRoutes,
  ...settingsRoutes,
  ...accessRoutes,
  ...adminRoutes,
  ...protocolRoutes,
} satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
