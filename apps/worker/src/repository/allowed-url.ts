// Which addresses a worker clones from. Pure.
import { isRepositoryUrl, parseRepositoryUrl, type RepositoryAddress } from '@corch/contract';

/**
 * A pattern is `*` for every address, or `host`, `host/path`, `scheme://host/path`. In the host `*` stands for anything up to its
 * end (`*.example.org`, never a further host behind it), in the path for anything: `github.com/acme/*`. Without a scheme https and
 * ssh are meant; without a path, everything on the host.
 */
const form = /^(?:(https?|ssh):\/\/)?([A-Za-z0-9.*_-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?)(?:\/(\S*))?$/;

export function isUrlPattern(text: string): boolean {
  return text === '*' || form.test(text);
}

/** Whether one of the patterns lets an address through. An address that git must not be given is never let through. */
export function isAllowedUrl(url: string, patterns: readonly string[]): boolean {
  if (!isRepositoryUrl(url)) return false;
  const address = parseRepositoryUrl(url);
  // What names the folder above leads elsewhere than it says.
  if (address.path.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part))) return false;
  return patterns.some((pattern) => matches(address, pattern));
}

function matches({ scheme, host, path }: RepositoryAddress, pattern: string): boolean {
  if (pattern === '*') return true;
  const [, wanted, wantedHost = '', wantedPath] = form.exec(pattern) ?? [];
  if (wanted === undefined ? scheme === 'http' : scheme !== wanted) return false;
  if (!glob(wantedHost.toLowerCase(), '[^/]*').test(host)) return false;
  if (wantedPath === undefined || wantedPath === '') return true;
  const asked = wantedPath.replace(/\/+$/, '').replace(/\.git$/, '');
  // `github.com/acme` is the owner with all that is hers.
  return glob(asked, '.*').test(path) || glob(`${asked}/*`, '.*').test(path);
}

function glob(text: string, star: string): RegExp {
  const parts = text.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(`^${parts.join(star)}$`, 'u');
}
