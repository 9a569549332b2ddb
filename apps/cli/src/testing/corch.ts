import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config.js';
import { runProgram } from '../program.js';
import { FakeTerminal } from './fake-terminal.js';

export interface CorchOptions {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** What stdin holds. */
  readonly input?: string | Uint8Array;
  /** To act while the command runs. */
  readonly terminal?: FakeTerminal;
}

/** A folder that is not there: these commands need none, and must not find somebody's. */
const nowhere = join(tmpdir(), 'corch-cli-nowhere');

/** Runs a command line in this process with an environment that holds nothing of whoever runs the tests. */
export async function corch(args: readonly string[], options: CorchOptions = {}) {
  const terminal = options.terminal ?? new FakeTerminal(options);
  if (options.input !== undefined) terminal.stdin.end(options.input);
  const environment = {
    PATH: process.env['PATH'],
    XDG_CONFIG_HOME: join(nowhere, 'config'),
    XDG_DATA_HOME: join(nowhere, 'share'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    ...options.env,
  };
  const config = readConfig(environment, options.cwd ?? nowhere, '/usr/bin/corch');
  // A checkout keeps its data in ./data, which may be somebody's real one.
  const code = await runProgram(args, terminal, { ...config, dataDir: join(nowhere, 'data') });
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text, terminal };
}
