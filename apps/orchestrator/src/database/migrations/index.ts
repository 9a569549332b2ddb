import { CreateTasksAndRuns1795370000000 } from './1795370000000-create-tasks-and-runs.js';
import { CreateAccess1795370000001 } from './1795370000001-create-access.js';

/** All migrations, oldest first. A new one goes to the end. */
export const migrations = [CreateTasksAndRuns1795370000000, CreateAccess1795370000001];
