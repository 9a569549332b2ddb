// Which repository of GitHub's REST API an address means. Pure.
import { defaultApiUrl, parseRepositoryUrl } from '@corch/contract';
import { DeliveryError } from './delivery-error.js';

export interface GithubRepository {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  readonly owner: string;
  readonly name: string;
}

/**
 * `https://github.com/acme/app.git` → `https://api.github.com`, acme, app.
 *
 * @param apiUrl where its API is, when that is set for the repository
 * @throws DeliveryError when the address names no owner and repository
 */
export function githubRepository(url: string, apiUrl: string | null = null): GithubRepository {
  const [owner, name] = parseRepositoryUrl(url)
    .path.split('/')
    .filter((part) => part !== '')
    .slice(-2);
  if (owner === undefined || name === undefined) {
    const text = `${url} names no owner and repository, so there is no place for a pull request. Deliver a branch instead.`;
    throw new DeliveryError('delivery_failed', text);
  }
  return { apiUrl: apiUrl ?? defaultApiUrl(url), owner: decodeURIComponent(owner), name: decodeURIComponent(name) };
}
