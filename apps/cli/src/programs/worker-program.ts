import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Terminal } from '../terminal.js';
import { sameMs } from '../up/stop-request.js';
import { programFile } from './entries.js';

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs the worker in this terminal until it ends and returns its exit code. */
export function runWorkerHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
  signals: Terminal['signals'],
): Promise<number> {
  return runHere([programFile('worker'), ...args], environment, cwd, signals);
}

/**
 * Runs a program that drains when it is told so, in a session of its own: a terminal sends its signals to everybody in the
 * foreground, and the worker would count one keypress as two. The first signal drains it, the second ends it at once. Should this
 * process be killed, the worker notices that its channel is gone and stops by itself.
 */
export function runHere(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
  signals: Terminal['signals'],
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      env: environment,
      cwd,
      detached: true,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    let firstAt: number | undefined;
    const onSignal = () => {
      const isSecond = firstAt !== undefined && performance.now() - firstAt > sameMs;
      firstAt ??= performance.now();
      if (child.connected) child.send({ type: isSecond ? 'kill' : 'drain' }, () => undefined);
    };
    for (const signal of passedOn) signals.on(signal, onSignal);
    const forget = () => {
      for (const signal of passedOn) signals.off(signal, onSignal);
    };
    child.once('error', (error) => {
      forget();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      forget();
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** What the worker says about this machine as JSON. Rejects when it says nothing usable within 20 s. */
export function askWorkerDoctor(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<unknown> {
  const command = [programFile('worker'), 'doctor', '--json', ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { env: environment, cwd, timeout: 20_000 }, (error, stdout, stderr) => {
      // Its exit code says that something is wrong; what, is in the document.
      try {
        resolve(JSON.parse(stdout) as unknown);
      } catch {
        reject(new Error(stderr.trim().split('\n').at(-1) || error?.message || 'it said nothing', { cause: error }));
      }
    });
  });
}
