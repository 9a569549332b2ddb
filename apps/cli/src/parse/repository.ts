import { Name, type RepositorySource } from '@corch/contract';
import { hostname } from 'node:os';
import { resolve } from 'node:path';

/** An address (`https://…`, `ssh://…`, `user@host:path`), or a path of this machine. */
export function isRepositoryUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[^/\\\s]+@[^/\\\s:]+:(?!\\)/.test(text);
}

/** A path as the API takes it: absolute, and pinned to this machine if its name can be a label. */
export function pathSource(path: string, cwd: string): Extract<RepositorySource, { path: string }> {
  const host = Name.safeParse(hostname());
  return { path: resolve(cwd, path), ...(host.success ? { host: host.data } : {}) };
}
