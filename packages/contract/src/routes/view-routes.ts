import { z } from 'zod';
import { ViewId } from '../values.js';
import { CreateView, EditView, View } from '../view.js';
import { api, listOf, route } from './route.js';

const viewParams = z.object({ viewId: ViewId });

/** Saved views of the list of tasks. */
export const viewRoutes = {
  listViews: route({
    method: 'GET',
    path: `${api}/views`,
    access: 'read',
    tag: 'tasks',
    summary: 'The saved views of the caller and those that are shared, by name.',
    status: 200,
    response: listOf(View),
    errors: [],
  }),
  createView: route({
    method: 'POST',
    path: `${api}/views`,
    access: 'read',
    tag: 'tasks',
    summary: 'Save a view: filter, order and columns under a name. Sharing it needs the scope `submit`.',
    body: CreateView,
    status: 201,
    response: View,
    errors: ['validation_failed', 'view_exists', 'too_many_views'],
  }),
  editView: route({
    method: 'PATCH',
    path: `${api}/views/:viewId`,
    access: 'read',
    tag: 'tasks',
    summary: 'Change a view of your own; admins change every shared one.',
    params: viewParams,
    body: EditView,
    status: 200,
    response: View,
    errors: ['view_not_found', 'validation_failed', 'view_exists'],
  }),
  deleteView: route({
    method: 'DELETE',
    path: `${api}/views/:viewId`,
    access: 'read',
    tag: 'tasks',
    summary: 'Delete a view of your own; admins delete every shared one.',
    params: viewParams,
    status: 204,
    response: 'empty',
    errors: ['view_not_found'],
  }),
};
