import { z } from 'zod';
import { Enrolment } from '../access.js';
import { Name, WorkerId } from '../values.js';
import { EditPool, Pool, Worker } from '../worker.js';
import { api, listOf, route } from './route.js';

/** Workers and pools, as people see them. */
export const workerRoutes = {
  listWorkers: route({
    method: 'GET',
    path: `${api}/workers`,
    access: 'read',
    tag: 'workers',
    summary: 'List the workers.',
    status: 200,
    response: listOf(Worker),
    errors: [],
  }),
  removeWorker: route({
    method: 'DELETE',
    path: `${api}/workers/:workerId`,
    access: 'admin',
    tag: 'workers',
    summary: 'Remove a worker: its token stops working and it ends what it runs.',
    params: z.object({ workerId: WorkerId }),
    status: 204,
    response: 'empty',
    errors: ['worker_not_found'],
  }),
  createEnrolment: route({
    method: 'POST',
    path: `${api}/enrolments`,
    access: 'admin',
    tag: 'workers',
    summary: 'Make a token that enrols one worker (once, 1 hour).',
    status: 201,
    response: Enrolment,
    errors: [],
  }),
  listPools: route({
    method: 'GET',
    path: `${api}/pools`,
    access: 'read',
    tag: 'pools',
    summary: 'List the pools. A pool exists as soon as a worker serves it.',
    status: 200,
    response: listOf(Pool),
    errors: [],
  }),
  editPool: route({
    method: 'PATCH',
    path: `${api}/pools/:name`,
    access: 'admin',
    tag: 'pools',
    summary: 'Pause or resume a pool. Runs that work go on; nothing new is claimed.',
    params: z.object({ name: Name }),
    body: EditPool,
    status: 200,
    response: Pool,
    errors: ['pool_not_found', 'validation_failed'],
  }),
};
