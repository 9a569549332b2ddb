// Where the REST API of a repository's server is.
import { z } from 'zod';
import { parseRepositoryUrl } from './repository-url.js';

const loopback = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

function isApiUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s\\\p{Cc}\p{Cf}]+$/iu.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isPlain = username === '' && password === '' && search === '' && hash === '' && !/[?#]/.test(text);
  return isPlain && (protocol === 'https:' || loopback.test(hostname));
}

/** The address of a REST API, without a slash at its end. Plain http would show the token to everybody on the way. */
export const ApiUrl = z
  .string()
  .max(2000)
  .refine(
    isApiUrl,
    'must be an https:// address (or http:// of this very machine) without a password, a query or a fragment',
  )
  .overwrite((url) => url.replace(/\/+$/, ''));

/**
 * Where the API of a repository is when nobody says it: `https://api.github.com` for `github.com`; any other host is taken for a
 * GitHub Enterprise Server. The port of an ssh address says nothing about that of the API.
 */
export function defaultApiUrl(url: string): string {
  const { scheme, host } = parseRepositoryUrl(url);
  const named = scheme === 'ssh' ? host.replace(/:\d+$/, '') : host;
  if (named === 'github.com') return 'https://api.github.com';
  return `${scheme === 'http' ? 'http' : 'https'}://${named}/api/v3`;
}

/** Where the token of an API would be sent: scheme, host and port. */
export function apiOrigin({ url, apiUrl }: { readonly url: string; readonly apiUrl: string | null }): string {
  return new URL(apiUrl ?? defaultApiUrl(url)).origin;
}
