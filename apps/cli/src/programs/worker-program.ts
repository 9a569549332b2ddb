import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Terminal } from '../terminal.js';
import { programFile } from './entries.js';

/**
 * Runs the worker in this terminal until it ends and returns its exit code. A terminal's Ctrl-C reaches it by itself;
 * SIGTERM and SIGHUP come here alone and are passed on.
 */
export function runWorkerHere(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
  signals: Terminal['signals'],
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [programFile('worker'), ...args], {
      env: environment,
      cwd,
      stdio: 'inherit',
    });
    const survive = () => undefined;
    const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
    signals.on('SIGINT', survive).on('SIGTERM', passOn).on('SIGHUP', passOn);
    const forget = () => signals.off('SIGINT', survive).off('SIGTERM', passOn).off('SIGHUP', passOn);
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
