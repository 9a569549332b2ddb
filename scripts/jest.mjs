// Runs Jest with what native ES modules need; every argument is passed on.
import { root, runHere } from './process.mjs';

const NODE_OPTIONS = [process.env.NODE_OPTIONS, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
process.env.NODE_OPTIONS = NODE_OPTIONS.filter(Boolean).join(' ');

// Jest takes every word behind --selectProjects for the name of a project. Names go last here, so that
// `pnpm test:unit part/of/a/path` means a path.
const PROJECTS = ['unit', 'integration', 'e2e', 'faults'];
const args = process.argv.slice(2);
const at = args.indexOf('--selectProjects');
let end = at + 1;
while (at !== -1 && PROJECTS.includes(args[end] ?? '')) end += 1;
const ordered = at === -1 ? args : [...args.slice(0, at), ...args.slice(end), ...args.slice(at, end)];

const jest = `${root}node_modules/jest/bin/jest.js`;
process.exitCode = await runHere(process.execPath, [jest, '-c', `${root}jest.config.mjs`, ...ordered]);
