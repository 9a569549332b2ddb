// Starting programs from the project's scripts. Node's own modules only: this also runs before anything is installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The exit code a shell would show: the program's own, or 128 + the signal that ended it.
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
export function exitCodeOf(code, signal) {
  return code ?? 128 + (signal ? constants.signals[signal] : 0);
}

/**
 * Runs a program in this terminal and waits for it. A terminal's Ctrl-C reaches the program by itself, so SIGINT is
 * only survived here; SIGTERM and SIGHUP come to this process alone and are passed on.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} the exit code
 */
export function runHere(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    const passOn = (/** @type {NodeJS.Signals} */ signal) => void child.kill(signal);
    const survive = () => undefined;
    process.on('SIGINT', survive).on('SIGTERM', passOn).on('SIGHUP', passOn);
    const forget = () => process.off('SIGINT', survive).off('SIGTERM', passOn).off('SIGHUP', passOn);
    child.once('error', (error) => {
      forget();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      forget();
      resolve(exitCodeOf(code, signal));
    });
  });
}
