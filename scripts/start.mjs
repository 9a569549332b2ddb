// `npm start`: brings a clean checkout to a running system.
import { pathToFileURL } from 'node:url';
import { root } from './process.mjs';
import { checkPrerequisites } from './start/prerequisites.mjs';
import { say, StartError } from './start/say.mjs';

try {
  checkPrerequisites();
  // Only now: an old Node has to reach the check above before it meets anything that it cannot read.
  const { prepare } = await import('./start/prepare.mjs');
  await prepare();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  say(error.message);
  process.exit(1);
}

// In this very process, so that the terminal's Ctrl-C arrives once and the exit code is the program's own.
const program = `${root}apps/cli/dist/main.js`;
process.argv = [process.execPath, program, 'up', ...process.argv.slice(2)];
await import(pathToFileURL(program).href);
