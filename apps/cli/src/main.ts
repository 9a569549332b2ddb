#!/usr/bin/env node
import { readConfig } from './config.js';
import { exitCodes } from './exit-codes.js';
import { runProgram } from './program.js';

// `corch ls | head` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? exitCodes.ok : exitCodes.failed);
});

process.exitCode = await runProgram(
  process.argv.slice(2),
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: process,
    quit: (code) => process.exit(code),
  },
  readConfig(),
);
