import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError } from '../cli-error.js';
import type { Config } from '../config.js';
import { exitCodes } from '../exit-codes.js';

export const defaultServer = 'http://127.0.0.1:4870';

/** What the command line says about the server. */
export interface ServerFlags {
  readonly server?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
}

/** Where the orchestrator is, how to sign in there, and who said so. */
export interface Settings {
  readonly server: string;
  readonly serverFrom: string;
  readonly token: string | undefined;
  readonly tokenFrom: string | undefined;
  /** Certificate authorities that are trusted beside those of Node. */
  readonly caFile: string | undefined;
}

/** An orchestrator that `up` started on this machine: its address, and the file that holds its admin key. */
export interface KnownServer {
  readonly url: string;
  readonly keyFile: string;
  readonly from: string;
}

/**
 * Flag, then environment, then what `up` wrote to the user's config file, then the data folder of the checkout, then the default.
 * A key that belongs to one address is never sent to another.
 * @throws {CliError} when a named file cannot be read or an address is none
 */
export function readSettings(config: Config, flags: ServerFlags): Settings {
  const known = knownServers(config);
  const [server, serverFrom] = firstServer(config, flags, known);
  const [token, tokenFrom] = firstToken(config, flags, known, server);
  const caFile = flags.caFile === undefined ? config.caFile : resolve(config.cwd, flags.caFile);
  return { server, serverFrom, token, tokenFrom, caFile };
}

function firstServer(config: Config, flags: ServerFlags, known: readonly KnownServer[]): [string, string] {
  if (flags.server !== undefined) return [checkedUrl(flags.server, '--server'), '--server'];
  if (config.server !== undefined) return [checkedUrl(config.server, 'CORCH_SERVER'), 'CORCH_SERVER'];
  const local = known.find((each) => readKey(each.keyFile) !== undefined);
  return local === undefined ? [defaultServer, 'default'] : [local.url, local.from];
}

function firstToken(
  config: Config,
  flags: ServerFlags,
  known: readonly KnownServer[],
  server: string,
): [string | undefined, string | undefined] {
  if (flags.tokenFile !== undefined) return [readTokenFile(resolve(config.cwd, flags.tokenFile)), '--token-file'];
  if (config.token !== undefined) return [config.token.trim(), 'CORCH_TOKEN'];
  if (config.tokenFile !== undefined) return [readTokenFile(config.tokenFile), 'CORCH_TOKEN_FILE'];
  for (const each of known) {
    const key = each.url === server ? readKey(each.keyFile) : undefined;
    if (key !== undefined) return [key, each.keyFile];
  }
  return [undefined, undefined];
}

function knownServers(config: Config): KnownServer[] {
  const known: KnownServer[] = [];
  const configFile = join(config.configDir, 'config.json');
  const written = readJson(configFile);
  if (written !== undefined && isText(written['server']) && isText(written['keyFile'])) {
    known.push({ url: written['server'], keyFile: written['keyFile'], from: configFile });
  }
  const serverFile = join(config.dataDir, 'server.json');
  const running = readJson(serverFile)?.['url'];
  const keyFile = join(config.dataDir, 'admin.key');
  if (isText(running)) known.push({ url: running, keyFile, from: serverFile });
  known.push({ url: defaultServer, keyFile, from: 'default' });
  return known;
}

function checkedUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CliError(exitCodes.usage, `${from} is no web address: ${text}`, `Give it as ${defaultServer}.`);
  }
  return text.replace(/\/+$/, '');
}

function readTokenFile(path: string): string {
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (token !== '') return token;
  } catch (error) {
    throw new CliError(exitCodes.usage, `The token file cannot be read: ${(error as Error).message}`, undefined, {
      cause: error,
    });
  }
  throw new CliError(exitCodes.usage, `The token file ${path} is empty.`, 'Put one API key into it.');
}

function readKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function readJson(path: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
