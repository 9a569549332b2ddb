import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Context } from '../context.js';
import { orchestratorEnvironment } from '../config.js';
import { exitCodes, type ExitCode } from '../exit-codes.js';
import { programFile } from './entries.js';

/** Which database the work is on. */
export interface Place {
  /** The data folder; that of this machine when absent. */
  readonly data?: string;
  /** DATABASE_URL, where it is not in the environment. */
  readonly databaseUrl?: string;
}

/** Works on a database of this machine without an orchestrator; the program says by itself what it did. */
export function maintain(
  { config, output }: Context,
  args: readonly string[],
  { data, databaseUrl }: Place,
): Promise<ExitCode> {
  const command = [programFile('orchestrator/maintain'), ...args, ...(output.json ? ['--json'] : [])];
  const env = {
    ...orchestratorEnvironment(config.environment),
    DATA_DIR: data === undefined ? config.dataDir : resolve(config.cwd, data),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  };
  const child = spawn(process.execPath, command, { env, cwd: config.cwd, stdio: 'inherit' });
  return new Promise((resolveCode, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolveCode((code ?? exitCodes.interrupted) as ExitCode));
  });
}
