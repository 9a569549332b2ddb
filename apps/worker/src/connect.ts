// How clients of the orchestrator are made: by the address, the proxies of the environment and the authorities of --ca-file.
import { routes, version, type Route } from '@corch/contract';
import { createClient, type Client } from '@corch/contract/client';
import { currentTraceparent } from '@corch/telemetry';
import { openTransport, TransportError } from '@corch/transport';
import type { WorkerConfig } from './config.js';
import type { Logger } from './logger.js';
import { StartError } from './start-error.js';

/** Makes a client that signs in with a token of this worker or of one of its runs. */
export type Connect = (token: string) => Client;

/** @throws StartError `bad_config` for a proxy or a file that cannot be used */
export async function openConnections(
  { url, environment, caFile }: Pick<WorkerConfig, 'url' | 'environment' | 'caFile'>,
  logger: Logger,
): Promise<Connect> {
  const transport = await openTransport({ url, environment, caFile }).catch((error: unknown) => {
    if (!(error instanceof TransportError)) throw error;
    throw new StartError('bad_config', error.message, error.hint, { cause: error });
  });
  if (transport?.proxy != null) logger.info('a proxy may lie in between', { url, proxy: transport.proxy });
  const userAgent = `corch-worker/${version}`;
  const connection = { baseUrl: url, userAgent, traceparent, ...(transport && { transport }) };
  return (token) => createClient({ ...connection, token });
}

/** What is sent all the while would hide in a trace what is told of it. */
const untraced: readonly Route[] = [routes.appendEvents, routes.readInbox, routes.readyz];

function traceparent(route: Route): string | undefined {
  return untraced.includes(route) ? undefined : currentTraceparent();
}
