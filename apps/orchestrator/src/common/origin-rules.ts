// Guards against pages in the user's own browser: DNS rebinding (the Host header) and forged requests (the Origin header).
import { hostname } from 'node:os';
import { AppError } from './app-error.js';
import { hostNameOf, isAddress, isLoopbackName } from './host-names.js';

interface Exposure {
  readonly host: string;
  readonly publicUrl: string | undefined;
  readonly insecureHttp: boolean;
}

/**
 * Accepts a Host header that no stranger's DNS can point here: loopback names, and the name of PUBLIC_URL. Where plain http beyond
 * this machine was asked for by INSECURE_HTTP, also addresses, the configured host and this machine's own name.
 * @throws AppError `host_refused`.
 */
export function checkHost(host: string | undefined, config: Exposure): void {
  const name = hostNameOf(host ?? '');
  if (isLoopbackName(name)) return;
  if (config.publicUrl !== undefined && host?.toLowerCase() === new URL(config.publicUrl).host) return;
  if (
    config.insecureHttp &&
    (isAddress(name) || name === config.host.toLowerCase() || name === hostname().toLowerCase())
  ) {
    return;
  }
  throw new AppError(
    'host_refused',
    `The request was sent to \`${host ?? ''}\`, which is not a name of this orchestrator.`,
    {
      hint: `Open the address that the orchestrator printed, or start it with PUBLIC_URL=https://${name || 'YOUR.NAME'}.`,
    },
  );
}

/** What of a request tells where it was made. */
export interface Provenance {
  readonly origin: string | undefined;
  readonly secFetchSite: string | undefined;
  /** Scheme and host that the request was sent to. */
  readonly ownOrigin: string;
}

/**
 * Accepts an unsafe request that a browser signs by itself (the session cookie) only from our own pages.
 * @throws AppError `origin_refused`.
 */
export function checkOrigin({ origin, secFetchSite, ownOrigin }: Provenance, publicUrl: string | undefined): void {
  if (origin !== undefined) {
    if (origin === ownOrigin || origin === publicUrl) return;
    throw new AppError('origin_refused', `The request was made by a page of \`${origin}\`, not of this orchestrator.`);
  }
  if (secFetchSite === 'same-origin') return;
  throw new AppError(
    'origin_refused',
    'The request carries a session cookie, and nothing says that our own page sent it.',
    {
      hint: 'Programs use `Authorization: Bearer` with an API key instead of the cookie.',
    },
  );
}
