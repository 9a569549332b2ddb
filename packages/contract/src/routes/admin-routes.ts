import { ReconcileReport } from '../explain.js';
import { api, route } from './route.js';

/** Repairs by hand. */
export const adminRoutes = {
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
