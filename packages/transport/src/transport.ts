import type { Transport } from '@corch/contract/client';
import { proxyFor, type Environment } from './proxy-settings.js';

export interface TransportSettings {
  /** The address of the server. */
  readonly url: string;
  /** Where the proxies are named. */
  readonly environment: Environment;
  /** A PEM file with certificate authorities that are trusted beside those of Node. */
  readonly caFile: string | undefined;
}

/**
 * How an orchestrator is reached that is not simply there: through a proxy, or behind a certificate of a private authority. Undefined
 * when nothing special is needed; then nothing is loaded either. NODE_EXTRA_CA_CERTS alone is Node's own business.
 * @throws TransportError for a proxy or a file that cannot be used
 */
export async function openTransport(settings: TransportSettings): Promise<Transport | undefined> {
  const { url, environment, caFile } = settings;
  const proxy = proxyFor(url, environment);
  if (proxy === null && caFile === undefined) return undefined;
  // Loaded only now: every command of the CLI comes by here.
  const { readAuthorities } = await import('./authorities.js');
  const ca = caFile === undefined ? undefined : readAuthorities(caFile, environment);
  const { openDispatcher } = await import('./dispatcher.js');
  return { fetch: openDispatcher(proxy, ca), proxy: proxy === null ? null : proxy.shownAs };
}

/** A `fetch` for a server beside the orchestrator: by the way that {@link openTransport} finds, else the platform's own. */
export async function openFetch(settings: TransportSettings): Promise<Transport['fetch']> {
  return (await openTransport(settings))?.fetch ?? globalThis.fetch;
}
