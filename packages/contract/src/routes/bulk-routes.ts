import { z } from 'zod';
import { Bulk, StartBulk } from '../bulk.js';
import { BulkId } from '../values.js';
import { api, listOf, route } from './route.js';

const bulkParams = z.object({ bulkId: BulkId });

/** Actions on many tasks. */
export const bulkRoutes = {
  startBulk: route({
    method: 'POST',
    path: `${api}/bulk-actions`,
    access: 'submit',
    tag: 'tasks',
    summary:
      'Do something with many tasks, in the background: those of a filter as they are now, or those that are named.',
    body: StartBulk,
    status: 202,
    response: Bulk,
    errors: [
      'validation_failed',
      'count_changed',
      'idempotency_mismatch',
      'idempotency_in_flight',
      'payload_too_large',
    ],
    idempotent: true,
  }),
  listBulks: route({
    method: 'GET',
    path: `${api}/bulk-actions`,
    access: 'read',
    tag: 'tasks',
    summary: 'The newest 50 actions on many tasks; they are kept for 30 days.',
    status: 200,
    response: listOf(Bulk),
    errors: [],
  }),
  readBulk: route({
    method: 'GET',
    path: `${api}/bulk-actions/:bulkId`,
    access: 'read',
    tag: 'tasks',
    summary: 'How far an action on many tasks is, and what could not be done.',
    params: bulkParams,
    status: 200,
    response: Bulk,
    errors: ['bulk_not_found'],
  }),
  stopBulk: route({
    method: 'POST',
    path: `${api}/bulk-actions/:bulkId/stop`,
    access: 'submit',
    tag: 'tasks',
    summary: 'Leave the rest as it is. Asking again, or when it has ended, is fine.',
    params: bulkParams,
    status: 202,
    response: Bulk,
    errors: ['bulk_not_found'],
  }),
};
