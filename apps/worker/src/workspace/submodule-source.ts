// Which submodules a workspace takes. What `.gitmodules` says was written by whoever wrote the repository: pure.
import { isRepositoryUrl, type RepositorySource } from '@corch/contract';
import { posix } from 'node:path';
import type { GitSource } from './source.js';

/** One submodule, as `.gitmodules` names it. */
export interface Submodule {
  readonly name: string;
  readonly path: string;
  readonly url: string;
}

/**
 * `git config --null --get-regexp '^submodule\..*\.(path|url)$'` → the submodules that have both. Names of options are refused as
 * git refuses them; paths are looked at where they are used.
 */
export function readSubmodules(printed: string): Submodule[] {
  const found = new Map<string, { path?: string; url?: string }>();
  for (const entry of printed.split('\0')) {
    const [, name, key, value] = /^submodule\.([\s\S]+)\.(path|url)\n([\s\S]*)$/.exec(entry) ?? [];
    if (name === undefined || key === undefined || value === undefined) continue;
    found.set(name, { ...found.get(name), [key]: value });
  }
  return [...found].flatMap(([name, { path, url }]) =>
    path === undefined || url === undefined ? [] : [{ name, path, url }],
  );
}

/**
 * Where a submodule is read from, or null when its address is none that a worker follows: not http(s) or ssh, not relative to the
 * repository around it, and not a folder unless that repository is a folder of this machine too.
 */
export function submoduleSource(url: string, parent: GitSource): RepositorySource | null {
  const address = /^\.\.?\//.test(url) ? relativeTo(parent, url) : url;
  if (address === null) return null;
  if (address.startsWith('/')) return parent.isLocal ? { path: address } : null;
  return isRepositoryUrl(address) ? { url: address } : null;
}

/** git's own way: each `../` takes one part of the address away. Null when there are not so many. */
function relativeTo({ address, isLocal }: GitSource, url: string): string | null {
  if (isLocal) return posix.resolve(address, url);
  const [, head = '', path = ''] = /^([a-z]+:\/\/[^/]+\/|[^/:]+:)(.*)$/i.exec(address) ?? [];
  const parts = path.split('/').filter((part) => part !== '');
  for (const part of url.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null;
    } else if (part !== '.' && part !== '') {
      parts.push(part);
    }
  }
  return head === '' || parts.length === 0 ? null : `${head}${parts.join('/')}`;
}
