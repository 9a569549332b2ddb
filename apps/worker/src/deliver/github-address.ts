// Which repository of GitHub's REST API an address means. Pure.
import { defaultApiUrl, parseRepositoryUrl } from '@corch/contract';
import { isAllowedUrl } from '../repository/allowed-url.js';
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

/**
 * An API elsewhere than where the address says is one more place that the worker would speak to, so its allow-list must have it.
 *
 * @throws DeliveryError when it has not
 */
export function demandAllowedApi(apiUrl: string, url: string, patterns: readonly string[]): void {
  if (apiUrl === defaultApiUrl(url) || isAllowedUrl(apiUrl, patterns)) return;
  const text = `This worker does not speak to the API ${apiUrl}, so the branch was pushed without a pull request. Start it with \`--allow-repository '${apiUrl}'\`, then deliver again.`;
  throw new DeliveryError('delivery_failed', text);
}
