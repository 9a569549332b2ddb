// A program whose words matter only when it fails: they go to a file under .stamps/.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { exitCodeOf, root } from '../process.mjs';
import { say, secondsSince, StartError } from './say.mjs';

const SAY_EVERY_MS = 10_000;
const TAIL_LINES = 30;
const KEPT_CHARACTERS = 200_000;

/**
 * @typedef {object} Logged
 * @property {number} code
 * @property {string} output the last 200,000 characters of stdout and stderr
 * @property {string} tail the last lines, for the person who has to read them
 * @property {string} log where all of it is kept, relative to the checkout
 */

/**
 * @param {string} name of the log
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, progress?: (output: string) => string }} [options] `progress`: what to say every ten seconds
 * @returns {Promise<Logged>}
 */
export function runLogged(name, command, args, { env, cwd = root, progress } = {}) {
  const log = `.stamps/${name}.log`;
  mkdirSync(`${root}.stamps`, { recursive: true });
  const file = createWriteStream(root + log);
  const started = performance.now();
  let output = '';
  const timer = setInterval(() => {
    if (progress) say(`  … ${secondsSince(started)}, ${progress(output)}`);
  }, SAY_EVERY_MS);

  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const take = (/** @type {Buffer} */ chunk) => {
      file.write(chunk);
      output = (output + String(chunk)).slice(-KEPT_CHARACTERS);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => {
      clearInterval(timer);
      file.end();
      reject(new StartError(`${command} could not be started (${error.message}). It comes with Node; check the PATH.`));
    });
    child.once('close', (code, signal) => {
      clearInterval(timer);
      file.end();
      const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
      resolve({ code: exitCodeOf(code, signal), output, tail, log });
    });
  });
}
