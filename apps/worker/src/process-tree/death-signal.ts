// `setpriv --pdeathsig KILL` (Linux, util-linux): the kernel ends the child when the worker dies. It holds for the child only,
// not for what the child starts.
import { setTimeout as sleep } from 'node:timers/promises';
import { Companion } from '../claude/claude-process.js';
import { findTool } from './system-tool.js';

/** The kernel does it at once; a busy machine may need a moment to show it. */
const diesWithinMs = 5000;

/** A parent that starts what the other arguments say, and waits. */
const parent = '"$@" & wait';
const child = 'echo ready; exec sleep 60';

/**
 * The words before a program that shall die with the worker. Tried out, not guessed: a parent is ended and its child has to
 * follow.
 *
 * @throws Error that says why it does not work here
 */
export async function findDeathSignal(): Promise<readonly string[]> {
  const words = [await findTool('setpriv'), '--pdeathsig', 'KILL'];
  const env = { PATH: '/usr/bin:/bin' };
  const args = ['-c', parent, 'sh', ...words, '/bin/sh', '-c', child];
  const companion = await Companion.start({ path: '/bin/sh', args, cwd: '/', env });
  try {
    if ((await companion.line()) === null) throw new Error(companion.stderr || 'setpriv did not start a program');
    companion.kill();
    // The child holds the output open for as long as it lives.
    const isDead = await Promise.race([companion.line().then(() => true), sleep(diesWithinMs, false, { ref: false })]);
    if (!isDead) throw new Error('a child outlived its parent');
    return words;
  } finally {
    companion.killGroup();
  }
}
