// Addresses of git repositories: which are accepted, and when two of them mean the same repository.
import { z } from 'zod';
import type { RepositorySource } from './spec.js';

const host = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)`;
const port = String.raw`(?::\d{1,5})?`;
const user = String.raw`[A-Za-z0-9_][A-Za-z0-9._-]*`;
/** No white space, nothing that cannot be seen, and no backslash, which some readers take for a slash. */
const rest = String.raw`[^\s\\\p{Cc}\p{Cf}]`;

const web = new RegExp(String.raw`^https?://${host}${port}(?:/${rest}*)?$`, 'u');
const ssh = new RegExp(String.raw`^ssh://(?:${user}@)?${host}${port}/${rest}+$`, 'u');
/** `git@github.com:acme/api.git`; the path must not look like an option. */
const scp = new RegExp(String.raw`^${user}@${host}:(?!-)${rest}+$`, 'u');

/**
 * An address that git can clone from: http, https or ssh. Other schemes (`ext::`, `file:`), options, and names or passwords inside
 * an http address are none.
 */
export function isRepositoryUrl(text: string): boolean {
  return [web, ssh, scp].some((form) => form.test(text));
}

/** A git remote that workers clone. The worker looks at it once more before git does. */
export const RepositoryUrl = z
  .string()
  .max(2000)
  .refine(isRepositoryUrl, 'must be an https://, http://, ssh:// or user@host:path address without a password in it');

const defaultPorts: Record<string, string> = { http: '80', https: '443', ssh: '22' };

/** The parts of an accepted address that say what it leads to. */
export interface RepositoryAddress {
  readonly scheme: 'http' | 'https' | 'ssh';
  /** Null in an http address, and where the user of the worker decides. */
  readonly user: string | null;
  /** In lower case; with the port, unless it is the usual one of the scheme. */
  readonly host: string;
  /** Without slashes around it and without `.git`. */
  readonly path: string;
}

/** @throws TypeError for a text that {@link isRepositoryUrl} refuses. */
export function parseRepositoryUrl(url: string): RepositoryAddress {
  if (!isRepositoryUrl(url)) throw new TypeError('no address of a repository');
  const [, scheme = 'ssh', authority = '', path = ''] = /^([a-z]+):\/\/([^/]*)(.*)$/u.exec(url) ?? [
    '',
    'ssh',
    ...splitScp(url),
  ];
  const at = authority.lastIndexOf('@');
  const named = authority.slice(at + 1).toLowerCase();
  const usual = `:${defaultPorts[scheme] ?? ''}`;
  return {
    scheme: scheme === 'http' || scheme === 'https' ? scheme : 'ssh',
    user: at === -1 ? null : authority.slice(0, at),
    host: named.endsWith(usual) ? named.slice(0, -usual.length) : named,
    path: path
      .replace(/^\/+/, '')
      .replace(/\/+$/, '')
      .replace(/\.git$/, ''),
  };
}

/** The bracketed host of an IPv6 address has colons of its own. */
function splitScp(url: string): [authority: string, path: string] {
  const colon = url.indexOf(':', url.includes('@[') ? url.indexOf(']') : 0);
  return [url.slice(0, colon), url.slice(colon + 1)];
}

/** The same text for addresses of the same repository: `https://GitHub.com/acme/api.git/` is `https://github.com/acme/api`. */
export function repositoryKey(url: string): string {
  const { scheme, user, host, path } = parseRepositoryUrl(url);
  return `${scheme}://${user === null ? '' : `${user}@`}${host}/${path}`;
}

/** Where a password for an address would be sent: scheme, host and port. */
export function repositoryOrigin(url: string): string {
  const { scheme, host } = parseRepositoryUrl(url);
  return `${scheme}://${host}`;
}

/** A repository in few words: the last two parts of its address, or the last one of its path. */
export function repositoryName(repository: RepositorySource): string {
  const place = 'url' in repository ? repository.url : repository.path;
  const parts = place
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split(/[/:\\]/);
  return ('url' in repository ? parts.slice(-2) : parts.slice(-1)).filter((part) => part !== '').join('/');
}
