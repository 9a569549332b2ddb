// Runs Jest with what native ES modules need; every argument is passed on.
import { root, runHere } from './process.mjs';

process.env.NODE_OPTIONS = [
  process.env.NODE_OPTIONS,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
]
  .filter(Boolean)
  .join(' ');

const jest = `${root}node_modules/jest/bin/jest.js`;
process.exitCode = await runHere(process.execPath, [jest, '-c', `${root}jest.config.mjs`, ...process.argv.slice(2)]);
