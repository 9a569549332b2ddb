// The only file that knows undici, the HTTP client that is also inside Node. That one cannot be told of proxies on Node 20.
import type { Transport } from '@corch/contract/client';
import { EnvHttpProxyAgent, fetch } from 'undici';
import type { ProxySettings } from './proxy-settings.js';

/** A `fetch` that goes through `proxy` (unless its NO_PROXY names the host) and trusts `ca`. */
export function openDispatcher(proxy: ProxySettings | null, ca: string[] | undefined): Transport['fetch'] {
  const tls = ca === undefined ? {} : { ca };
  const dispatcher = new EnvHttpProxyAgent({
    // Empty rather than absent: what is absent it would look for in the environment.
    httpProxy: proxy?.url ?? '',
    httpsProxy: proxy?.url ?? '',
    noProxy: proxy?.noProxy ?? '',
    connect: tls,
    requestTls: tls,
    proxyTls: tls,
    // Plain http asks the proxy for the page; many proxies tunnel to port 443 only.
    proxyTunnel: false,
  });
  return (input, init) => fetch(input, { ...init, dispatcher });
}
