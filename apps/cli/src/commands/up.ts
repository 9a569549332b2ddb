import { availableParallelism } from 'node:os';
import { parsePath, parsePaths, parseWhole } from '../parse/values.js';
import { runUp, type UpFlags } from '../up/run-up.js';
import type { CommandModule } from './command.js';

/** Each run of Claude Code takes some 300 MB and bursts of a core: a small number is a good guest. */
const defaultConcurrency = Math.max(1, Math.min(4, availableParallelism()));

export const define: CommandModule['define'] = (command, invocation) => {
  command
    .option('--port <n>', 'listen there (default 4870, or the next free one; 0 for any)', parseWhole(0, 65_535))
    .option(
      '--host <address>',
      'listen on this address; beyond this machine it needs PUBLIC_URL=https://…',
      '127.0.0.1',
    )
    .option('--data <dir>', 'keep everything in this folder', parsePath)
    .option('--demo', 'every task works with the scripted model: no login, no cost')
    .option('--no-open', 'open no browser')
    .option('--no-worker', 'start no worker here')
    .option('--concurrency <n>', 'how many runs at once', parseWhole(1, 1000), defaultConcurrency)
    .option('--allow <path>', 'a folder whose repositories tasks may name by path (repeat it)', parsePaths)
    .option('--insecure-http', 'listen beyond this machine without https')
    .option('--claude-bin <path>', 'your own Claude Code instead of the bundled one (CLAUDE_BIN)', parsePath)
    .action((flags: UpFlags) => invocation.run((context) => runUp(context, flags)));
};
