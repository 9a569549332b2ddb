// Which proxy the environment names for an address. Pure.
import { isIP } from 'node:net';
import { TransportError } from './transport-error.js';

/** The environment as a program got it. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProxySettings {
  /** With name and password, if it has them: for the connection only. */
  readonly url: string;
  /** For people: without name and password. */
  readonly shownAs: string;
  /** Hosts that are reached without it, as NO_PROXY lists them. */
  readonly noProxy: string;
}

/**
 * The proxy for an address: HTTPS_PROXY for https, HTTP_PROXY for http. The lower-case form of a variable counts before the other, as
 * in curl. This machine's own loopback is never reached through a proxy.
 * @throws TransportError when the variable holds no address of a proxy
 */
export function proxyFor(target: string, environment: Environment): ProxySettings | null {
  const { protocol, hostname } = new URL(target);
  if (isLoopback(hostname)) return null;
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const found = firstSet(environment, name);
  if (found === undefined) return null;
  const url = parseProxy(found.value, found.name);
  return { url: url.href, shownAs: url.origin, noProxy: firstSet(environment, 'NO_PROXY')?.value ?? '' };
}

function firstSet(environment: Environment, name: string): { name: string; value: string } | undefined {
  for (const each of [name.toLowerCase(), name]) {
    const value = environment[each]?.trim();
    if (value !== undefined && value !== '') return { name: each, value };
  }
  return undefined;
}

/** `proxy:3128` is taken for `http://proxy:3128`, as curl does. The value may hold a password, so no message shows it. */
function parseProxy(value: string, name: string): URL {
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new TransportError(
    `${name} names no proxy that can be used here.`,
    'Give it as http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT, or unset it.',
  );
}

function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}
