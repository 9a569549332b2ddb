// `npm run corch`: the command line of this checkout, or how to get it.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { root } from './process.mjs';
import { say } from './start/say.mjs';

const program = `${root}apps/cli/dist/main.js`;
if (existsSync(program)) {
  // In this very process, so that the terminal's Ctrl-C arrives once and the exit code is the program's own.
  process.argv[1] = program;
  await import(pathToFileURL(program).href);
} else {
  say(
    'corch is not built in this checkout. Run `npm start`, which installs and builds what is needed, then try again.',
  );
  process.exitCode = 1;
}
