// The worker as a process of its own.
import { fork, type ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

export interface WorkerProgram {
  readonly child: ChildProcess;
  /** What it tells its parent first. */
  readonly message: Promise<unknown>;
  readonly exit: Promise<number | null>;
  /** Everything it printed on standard error, when it has ended. */
  readonly stderr: Promise<string>;
}

export function startProgram(env: Record<string, string>, args: readonly string[] = []): WorkerProgram {
  const child = fork(main, ['start', ...args], {
    env,
    execArgv: ['--conditions=corch-source', '--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const message = new Promise<unknown>((resolve) => child.once('message', resolve));
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (child.stderr === null) throw new Error('the worker has no standard error');
  return { child, message, exit, stderr: text(child.stderr) };
}
