import { createClient } from '@corch/contract/client';

/** The orchestrator that served this page; the session cookie signs in. */
export const client = createClient({ baseUrl: '' });
