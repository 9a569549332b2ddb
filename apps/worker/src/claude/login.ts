// Whether Claude Code is signed in on this machine. Looks at names and presence only; no secret is read.
import type { Login } from '@corch/contract';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config.js';
import { runProgram } from './claude-process.js';

/** Variables that sign in, in Claude Code's own order. */
const cloudSwitches = ['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'];
const variables = [
  ['ANTHROPIC_AUTH_TOKEN', 'auth_token'],
  ['ANTHROPIC_API_KEY', 'api_key'],
  ['CLAUDE_CODE_OAUTH_TOKEN', 'oauth_token'],
] as const;

/** The login of a worker that uses the scripted model for everything. Nothing is looked at. */
export const demoLogin: Login = { kind: 'demo', label: 'the scripted model' };

/** Claude Code's configuration folder with a stored login. */
export function configDir(environment: Environment): string {
  return environment['CLAUDE_CONFIG_DIR'] ?? join(environment['HOME'] ?? '/', '.claude');
}

/** The login in the environment, else a stored one, else none. */
export async function detectLogin(environment: Environment, isMac: boolean, claudePath: string | null): Promise<Login> {
  const cloud = cloudSwitches.find((name) => isOn(environment[name]));
  if (cloud !== undefined) return { kind: 'cloud_provider', label: cloud };
  for (const [name, kind] of variables) if (environment[name]) return { kind, label: name };
  const folder = configDir(environment);
  const stored = { kind: 'stored', label: 'stored by `claude auth login`' } as const;
  const file = await stat(join(folder, '.credentials.json')).catch(() => null);
  // Whoever signs in anew writes it anew; so does Claude Code when it refreshes the login, which does no harm.
  if (file !== null) return { ...stored, stamp: file.mtime.toISOString() };
  if (isMac && claudePath !== null && (await isSignedInOnMac(claudePath, environment))) return stored;
  return { kind: 'none', label: null };
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value);
}

/** The keychain is asked by Claude Code itself; only its exit code is looked at. */
async function isSignedInOnMac(path: string, environment: Environment): Promise<boolean> {
  const { PATH = '/usr/bin:/bin', HOME = '/', USER = '' } = environment;
  const env = { PATH, HOME, USER, DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
  try {
    return (await runProgram({ path, args: ['auth', 'status'], cwd: '/', env }, 10_000)).code === 0;
  } catch {
    return false;
  }
}
