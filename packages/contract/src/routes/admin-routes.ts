import { AdminStats } from '../admin.js';
import { ReconcileReport } from '../explain.js';
import { api, route } from './route.js';

/** For whoever runs the orchestrator. */
export const adminRoutes = {
  readAdminStats: route({
    method: 'GET',
    path: `${api}/admin/stats`,
    access: 'admin',
    tag: 'admin',
    summary: 'How much is stored, what retention removes next, who works, and which orchestrators there are.',
    status: 200,
    response: AdminStats,
    errors: [],
  }),
  reconcile: route({
    method: 'POST',
    path: `${api}/admin/reconcile`,
    access: 'admin',
    tag: 'admin',
    summary: 'Do now what the orchestrator does every few seconds, and say what was due.',
    status: 200,
    response: ReconcileReport,
    errors: [],
  }),
};
