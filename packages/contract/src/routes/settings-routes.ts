import { EditSettings, Settings } from '../settings.js';
import { api, route } from './route.js';

/** What holds for the whole orchestrator. */
export const settingsRoutes = {
  readSettings: route({
    method: 'GET',
    path: `${api}/settings`,
    access: 'read',
    tag: 'settings',
    summary: 'Read the limits and retention of the orchestrator.',
    status: 200,
    response: Settings,
    errors: [],
  }),
  editSettings: route({
    method: 'PATCH',
    path: `${api}/settings`,
    access: 'admin',
    tag: 'settings',
    summary: 'Change limits or retention. A lower limit ends nothing: runs that work go on, and nothing new starts.',
    body: EditSettings,
    status: 200,
    response: Settings,
    errors: ['validation_failed'],
  }),
};
