// Which repositories a secret opens beside its own. Pure.
import { parseRepositoryUrl, repositoryKey, repositoryOrigin } from '@corch/contract';

/** A name that every server takes for a name. */
const plainName = /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/**
 * Whether the secret of `own` may be sent for `address`: it is the same repository, or one of the same owner on the same server, as
 * submodules are.
 */
export function isOwnOrNeighbour(address: string, own: string): boolean {
  if (repositoryKey(address) === repositoryKey(own)) return true;
  if (repositoryOrigin(address) !== repositoryOrigin(own)) return false;
  const [other, mine] = [address, own].map((url) => splitPath(parseRepositoryUrl(url).path));
  return other?.owner === mine?.owner && plainName.test(other?.name ?? '');
}

function splitPath(path: string): { owner: string; name: string } {
  const cut = path.lastIndexOf('/') + 1;
  return { owner: path.slice(0, cut), name: path.slice(cut) };
}
