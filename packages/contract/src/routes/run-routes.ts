import { ChangedFiles } from '../delivery.js';
import { EventPage } from '../event.js';
import { EventQuery } from '../page.js';
import { Blob, BlobName, Run } from '../run.js';
import { api, listOf, route, runParams, taskParams } from './route.js';

/** What a run said and kept. */
export const runRoutes = {
  listTaskRuns: route({
    method: 'GET',
    path: `${api}/tasks/:taskId/runs`,
    access: 'read',
    tag: 'runs',
    summary: 'List the runs of a task, oldest first.',
    params: taskParams,
    status: 200,
    response: listOf(Run),
    errors: ['task_not_found'],
  }),
  readRun: route({
    method: 'GET',
    path: `${api}/runs/:runId`,
    access: 'read',
    tag: 'runs',
    summary: 'Read one run.',
    params: runParams,
    status: 200,
    response: Run,
    errors: ['run_not_found'],
  }),
  listEvents: route({
    method: 'GET',
    path: `${api}/runs/:runId/events`,
    access: 'read',
    tag: 'runs',
    summary:
      'The transcript: a page, or with `Accept: text/event-stream` a live stream that goes on after Last-Event-ID and closes with `event: end`.',
    params: runParams,
    query: EventQuery,
    status: 200,
    response: EventPage,
    errors: ['run_not_found', 'unknown_parameter'],
  }),
  readPatch: route({
    method: 'GET',
    path: `${api}/runs/:runId/patch`,
    access: 'read',
    tag: 'runs',
    summary: 'The change as a patch for `git apply`.',
    params: runParams,
    status: 200,
    response: 'bytes',
    errors: ['run_not_found', 'blob_not_found', 'removed'],
  }),
  listFiles: route({
    method: 'GET',
    path: `${api}/runs/:runId/files`,
    access: 'read',
    tag: 'runs',
    summary: 'The files that the run changed, with renames and counts.',
    params: runParams,
    status: 200,
    response: ChangedFiles,
    errors: ['run_not_found', 'blob_not_found', 'removed'],
  }),
  listBlobs: route({
    method: 'GET',
    path: `${api}/runs/:runId/blobs`,
    access: 'read',
    tag: 'runs',
    summary: 'List the files kept with a run.',
    params: runParams,
    status: 200,
    response: listOf(Blob),
    errors: ['run_not_found'],
  }),
  readBlob: route({
    method: 'GET',
    path: `${api}/runs/:runId/blobs/:name`,
    access: 'read',
    tag: 'runs',
    summary: 'Read one file kept with a run.',
    params: runParams.extend({ name: BlobName }),
    status: 200,
    response: 'bytes',
    errors: ['run_not_found', 'blob_not_found', 'removed'],
  }),
};
