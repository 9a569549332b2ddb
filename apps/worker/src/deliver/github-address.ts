// Where the REST API of a repository's server is, by the address of the repository. Pure.
import { DeliveryError } from './delivery-error.js';

export interface GithubRepository {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  readonly owner: string;
  readonly name: string;
}

const scp = /^[^@/:\s]+@([^:/\s]+):(.+)$/;

/**
 * `https://github.com/acme/app.git` → `https://api.github.com`, acme, app. Any other host is taken for a GitHub Enterprise Server.
 *
 * @throws DeliveryError when the address names no owner and repository
 */
export function githubRepository(url: string): GithubRepository {
  const [, scpHost, scpPath] = scp.exec(url) ?? [];
  const parsed = scpHost === undefined ? new URL(url) : null;
  const isHttp = parsed !== null && parsed.protocol.startsWith('http');
  // The port of SSH says nothing about that of the API.
  const host = (isHttp ? parsed.host : parsed?.hostname) ?? scpHost ?? '';
  const path = (scpPath ?? parsed?.pathname ?? '').split('/').filter((part) => part !== '');
  const [owner, name] = path.slice(-2);
  if (owner === undefined || name === undefined) {
    const text = `${url} names no owner and repository, so there is no place for a pull request. Deliver a branch instead.`;
    throw new DeliveryError('delivery_failed', text);
  }
  const scheme = parsed?.protocol === 'http:' ? 'http' : 'https';
  const apiUrl = host === 'github.com' ? 'https://api.github.com' : `${scheme}://${host}/api/v3`;
  return { apiUrl, owner: decodeURIComponent(owner), name: decodeURIComponent(name.replace(/\.git$/, '')) };
}
